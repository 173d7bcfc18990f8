import { execFileSync } from 'node:child_process';

/**
 * A process beside a Compose project of a test: `docker ARGS...` ends the project when the test's process is gone, however
 * that ended. Its containers would be started again with Docker itself otherwise.
 */
const args = process.argv.slice(2);

process.once('disconnect', () => {
  execFileSync('docker', args, { stdio: 'ignore' });
});
