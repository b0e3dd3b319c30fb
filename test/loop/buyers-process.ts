/** Many buyers at once, in a process of their own: each posts one order, and says what came back. */
const { apiUrl, apiKey, orders } = JSON.parse(process.env['BUYERS'] ?? '{}') as {
  apiUrl: string;
  apiKey: string;
  orders: { externalId: string }[];
};

const answers = await Promise.all(
  orders.map(async (order) => {
    const response = await fetch(`${apiUrl}/v1/orders`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(order),
    });
    const { state } = (await response.json()) as { state?: string };
    return { status: response.status, state: state ?? null };
  }),
);
console.log(JSON.stringify(answers));
