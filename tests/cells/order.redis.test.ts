import { cellTests } from './cellTests.ts';
import { orderFixture } from './orderFixture.ts';

await cellTests(orderFixture);
