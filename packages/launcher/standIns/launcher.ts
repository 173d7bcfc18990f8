import { join } from 'node:path';
import { runLauncher } from '../src/runLauncher.ts';

/** The launcher with stand-ins for services, run by its tests as `npm start` runs the real one. */
const here = import.meta.dirname;

process.exit(
  await runLauncher(process.argv.slice(2), {
    root: process.cwd(),
    cwd: process.cwd(),
    argumentsOf: (name) => [join(here, 'service.ts'), name],
  }),
);
