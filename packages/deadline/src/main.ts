import { runService } from 'common/process/runService';
import { createDeadlineService } from './service.ts';

await runService('deadline', createDeadlineService);
