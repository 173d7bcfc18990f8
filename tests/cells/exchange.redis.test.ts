import { cellTests } from './cellTests.ts';
import { exchangeFixture } from './exchangeFixture.ts';

await cellTests(exchangeFixture);
