import { actorRights } from 'common/actor/actorRights';
import { actorScripts } from 'common/actor/actorScripts';
import type { ServiceName } from 'common/config/readConfig';
import { STANDING_RIGHTS } from 'common/process/checkStart';
import { aclRules } from 'common/redis/checkRights';
import { needsOf, type Rights } from 'common/script/rights';
import { ScriptRunner } from 'common/script/scriptRunner';
import { deadlineActor } from 'deadline/actor';
import { deadlineRights } from 'deadline/rights';
import { exchangeActor } from 'exchange/actor';
import { exchangeRights } from 'exchange/rights';
import { gatewayRights } from 'gateway/rights';
import { orderActor } from 'order/actor';
import { orderRights } from 'order/rights';
import { pointActor } from 'point/actor';
import { pointRights } from 'point/rights';

type ActorParts = typeof orderActor | typeof exchangeActor | typeof pointActor | typeof deadlineActor;

/** The numbers of a configuration name no command. */
const settings = { RETENTION_MS: 1 };

const runtimeOf = ({ group, table, scriptsFolder, transitionFiles }: ActorParts): Rights =>
  actorRights(group, actorScripts(table, scriptsFolder, transitionFiles, settings));

const RIGHTS: Readonly<Record<ServiceName, readonly Rights[]>> = {
  order: [STANDING_RIGHTS, runtimeOf(orderActor), orderRights],
  exchange: [STANDING_RIGHTS, runtimeOf(exchangeActor), exchangeRights],
  point: [STANDING_RIGHTS, runtimeOf(pointActor), pointRights],
  deadline: [STANDING_RIGHTS, runtimeOf(deadlineActor), deadlineRights],
  gateway: [gatewayRights],
};

/** The least that each service's Redis user needs, as rules of ACL SETUSER, for any number of partitions. */
export function aclRulesOf(service: ServiceName): string[] {
  return aclRules(needsOf(RIGHTS[service], new ScriptRunner(), ['*'], '*'));
}

const LINE_MAX = 116;

/** The rules of every service as commands for a shell. */
export function aclBlocks(): string {
  const blocks = (Object.keys(RIGHTS) as ServiceName[]).map((service) => {
    const words = ['resetkeys', ...aclRulesOf(service)].map((rule) => (/[*|]/.test(rule) ? `'${rule}'` : rule));
    return `redis-cli ACL SETUSER ${service} on '>a-secret-of-${service}' \\\n${wrapped(words)}`;
  });
  return blocks.map((block) => block.replaceAll(/^/gm, '    ')).join('\n\n');
}

function wrapped(words: readonly string[]): string {
  const lines = ['  '];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length > LINE_MAX) lines.push(`   ${word}`);
    else lines[lines.length - 1] = line;
  }
  return lines.join(' \\\n');
}
