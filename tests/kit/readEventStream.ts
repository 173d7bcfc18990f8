/** One message of an event stream. */
export type StreamMessage = { id: string; event: string; data: unknown };

/** Reads the messages of a live stream as they come, until it ends; comments and heartbeats are passed over. */
export async function* readEventStream(response: Response): AsyncGenerator<StreamMessage> {
  let buffered = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    buffered += decoder.decode(chunk, { stream: true });
    const blocks = buffered.split('\n\n');
    buffered = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = messageIn(block);
      if (message !== undefined) yield message;
    }
  }
}

function messageIn(block: string): StreamMessage | undefined {
  const lines = block.split('\n');
  const field = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n');
  const data = field('data');
  return data === '' ? undefined : { id: field('id'), event: field('event'), data: JSON.parse(data) };
}
