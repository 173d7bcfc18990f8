import { type ServiceName, serviceNames, servicePorts } from './serviceNames.ts';

/** What the launcher decides for every service that it runs. */
export type Deployment = {
  portOffset: number;
  redisUrl: string;
  runFile: string;
  /** The services that a gateway should find up, until the run file tells it otherwise. */
  expected: readonly ServiceName[];
};

export function portOf(name: ServiceName, portOffset: number): number {
  return servicePorts[name] + portOffset;
}

export function urlOf(name: ServiceName, portOffset: number): string {
  return `http://127.0.0.1:${portOf(name, portOffset)}`;
}

/** The variables of one service: those of the launcher, with what the deployment decides on top. */
export function serviceEnvironment(
  name: ServiceName,
  deployment: Deployment,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { portOffset, redisUrl, runFile } = deployment;
  const behind = serviceNames.filter((other) => other !== 'gateway');
  const expected = deployment.expected.filter((other) => other !== 'gateway');
  return {
    ...env,
    HOST: '127.0.0.1',
    PORT: String(portOf(name, portOffset)),
    REDIS_URL: redisUrl,
    RUN_FILE: runFile,
    ...(expected.length > 0 ? { EXPECTED_SERVICES: expected.join(',') } : {}),
    ...Object.fromEntries(behind.map((other) => [`${other.toUpperCase()}_URL`, urlOf(other, portOffset)])),
  };
}
