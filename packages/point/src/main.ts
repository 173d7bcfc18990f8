import { runService } from 'common/process/runService';
import { createPointService } from './service.ts';

await runService('point', createPointService);
