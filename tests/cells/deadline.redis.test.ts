import { cellTests } from './cellTests.ts';
import { deadlineFixture } from './deadlineFixture.ts';

await cellTests(deadlineFixture);
