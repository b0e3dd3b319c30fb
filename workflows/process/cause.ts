/** The innermost message of a failure: what really went wrong, without the engine's wrapping. */
export function causeOf(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  const message =
    current instanceof Error ? `${current.name}: ${current.message}` : String(current);
  return message.slice(0, 500);
}
