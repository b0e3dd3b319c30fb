/** What all of them answer. When one fails, its error, after the others have ended as well. */
export async function allDone<Result>(works: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
