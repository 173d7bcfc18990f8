import { runService } from 'common/process/runService';
import { createExchangeService } from './service.ts';

await runService('exchange', createExchangeService);
