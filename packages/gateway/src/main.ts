import { runService } from 'common/process/runService';
import { createGatewayService } from './service.ts';

await runService('gateway', createGatewayService);
