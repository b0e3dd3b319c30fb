/** Changes some of a simulator's settings; they outlive its kills. `url` is the simulator's. */
export async function putSettings(url: string, settings: object): Promise<void> {
  const response = await fetch(`${url}/_sim/settings`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(settings),
  });
  if (!response.ok) throw new Error(`${url} refused its settings: ${await response.text()}`);
}
