/** Every service and its port; `--port-offset N` adds N to each. One line here is all that a new service needs. */
export const servicePorts = { order: 8081, exchange: 8082, point: 8083, deadline: 8084, gateway: 8088 } as const;

export type ServiceName = keyof typeof servicePorts;

export const serviceNames = Object.keys(servicePorts).filter(isServiceName);

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(servicePorts, name);
}
