import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Small texts go out together: each write of its own costs more than the text. */
const PART_LENGTH = 16_384;

/**
 * Answers texts as they are read, so that nothing has to fit into memory. The first of them is awaited, so that
 * what cannot be read at all is still answered as a problem.
 */
export async function streamText(
  hono: Context,
  status: ContentfulStatusCode,
  contentType: string,
  texts: AsyncGenerator<string, void, undefined>,
): Promise<Response> {
  const first = await texts.next();
  let waiting = first.done === true ? '' : first.value;
  let isOver = first.done === true;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      while (!isOver && waiting.length < PART_LENGTH) {
        const next = await texts.next();
        if (next.done === true) isOver = true;
        else waiting += next.value;
      }
      if (waiting !== '') controller.enqueue(encoder.encode(waiting));
      waiting = '';
      if (isOver) controller.close();
    },
    cancel: async () => {
      await texts.return();
    },
  });
  return hono.body(body, status, { 'Content-Type': contentType });
}
