export type Method = 'fifo' | 'average' | 'standard';

/** Values in 10^-10 major units, as the ledger keeps them. */
const MINOR = 100_000_000n;

/** Cost layers as a page of arithmetic, to compare the ledger with. */
export class CostModel {
  private readonly method: Method;
  private readonly standardCost: bigint;
  private layers: { quantity: bigint; value: bigint }[] = [];

  constructor(method: Method, standardCost: bigint) {
    this.method = method;
    this.standardCost = standardCost;
  }

  get quantity(): bigint {
    return this.layers.reduce((sum, layer) => sum + layer.quantity, 0n);
  }

  /** The sum of the rounded layers, in minor units. */
  get minor(): bigint {
    return this.layers.reduce((sum, layer) => sum + half(layer.value, MINOR), 0n);
  }

  /** Answers by how many minor units the inventory account rises. */
  add(quantity: bigint, value: bigint): bigint {
    const before = this.minor;
    const entered = this.method === 'standard' ? quantity * this.standardCost : value;
    const [running] = this.layers;
    if (this.method === 'fifo' || running === undefined)
      this.layers.push({ quantity, value: entered });
    else {
      running.quantity += quantity;
      running.value += entered;
    }
    return this.minor - before;
  }

  take(quantity: bigint): { value: bigint; minor: bigint } {
    const before = this.minor;
    let left = quantity;
    let value = 0n;
    for (const layer of this.layers) {
      const taken = left < layer.quantity ? left : layer.quantity;
      if (taken === 0n) continue;
      const part =
        taken === layer.quantity ? layer.value : half(layer.value * taken, layer.quantity);
      layer.quantity -= taken;
      layer.value -= part;
      value += part;
      left -= taken;
    }
    return { value, minor: before - this.minor };
  }

  static decimal(value: bigint): string {
    return `${value / 10_000_000_000n}.${(value % 10_000_000_000n).toString().padStart(10, '0')}`;
  }
}

/** Division rounded half up; nothing here is negative. */
function half(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}
