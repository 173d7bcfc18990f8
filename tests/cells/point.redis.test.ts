import { cellTests } from './cellTests.ts';
import { pointFixture } from './pointFixture.ts';

await cellTests(pointFixture);
