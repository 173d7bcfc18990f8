import { execFileSync } from 'node:child_process';

/** One thing that README has its reader do. */
export type Step = {
  /** What is typed: a command for a shell, or a line for the terminal of `npm start`. */
  typed: string;
  where: 'shell' | 'launcher';
  /** The same command for HTTPie. */
  twin?: string | undefined;
  /** The JSON that the reader is told to see. */
  shows?: unknown;
};

/** What a README has its reader do, in order: its fenced blocks of `sh`, `text` and `json`. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  for (const [, language = '', text = ''] of markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const lines = text.trimEnd().split('\n');
    if (language === 'text') steps.push(...lines.map((typed) => ({ typed, where: 'launcher' }) as const));
    if (language === 'json') {
      const last = steps.at(-1);
      if (last?.where !== 'shell' || last.shows !== undefined) throw new Error(`no command shows ${text}`);
      last.shows = JSON.parse(text);
    }
    if (language !== 'sh') continue;
    const commands = lines.filter((line) => !line.startsWith('#'));
    const [typed = '', ...more] = commands;
    if (more.length > 0) throw new Error(`more than one command in a block: ${text}`);
    const twin = lines.find((line) => line.startsWith('# http'))?.slice(2);
    steps.push({ typed, where: 'shell', twin });
  }
  return steps;
}

/** Whether an answer is what README shows of it: every member that is shown, `...` for any value. */
export function isAsShown(answer: unknown, shown: unknown): boolean {
  if (shown === '...') return answer !== undefined && answer !== null;
  if (typeof shown !== 'object' || shown === null) return answer === shown;
  if (typeof answer !== 'object' || answer === null) return false;
  if (Array.isArray(shown) && (!Array.isArray(answer) || answer.length !== shown.length)) return false;
  return Object.entries(shown).every(([name, part]) => isAsShown((answer as Record<string, unknown>)[name], part));
}

export type Request = { method: string; path: string; headers: Record<string, string>; body: unknown };

/** What a curl command asks for, by the arguments that a shell makes of it. */
export function requestOfCurl(command: string): Request {
  const args = argumentsOf(command);
  const headers: Record<string, string> = {};
  let [path, body]: [string, unknown] = ['', undefined];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    const value = args[i + 1] ?? '';
    if (arg === '-H') {
      const [, name = '', text = ''] = /^([^:]+): (.*)$/.exec(value) ?? [];
      if (name.toLowerCase() !== 'content-type') headers[name] = text;
    }
    if (arg === '-d') body = JSON.parse(value);
    if (arg === '-H' || arg === '-d') i += 1;
    else if (!arg.startsWith('-')) path = arg.replace('localhost:8088', '');
  }
  return { method: body === undefined ? 'GET' : 'POST', path, headers, body };
}

/** The same of an HTTPie command: `name=value` is a field of the body, `Name:value` a header. */
export function requestOfHttpie(command: string): Request {
  const [url = '', ...items] = argumentsOf(command).filter((arg) => !arg.startsWith('--'));
  const pairs = items.map((item) => /^([\w-]+)([:=])(.*)$/.exec(item) ?? []);
  const those = (separator: string) =>
    Object.fromEntries(pairs.filter(([, , each]) => each === separator).map(([, name, , value]) => [name, value]));
  const fields = those('=');
  const body = Object.keys(fields).length > 0 ? fields : undefined;
  return { method: body ? 'POST' : 'GET', path: url.replace(':8088', ''), headers: those(':'), body };
}

function argumentsOf(command: string): string[] {
  const printing = 'curl() { printf "%s\\0" "$@"; }; http() { printf "%s\\0" "$@"; }';
  const printed = execFileSync('bash', ['-c', `${printing}; ${command}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}
