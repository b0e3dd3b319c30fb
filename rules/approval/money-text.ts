/** An amount in minor units as people write it, with the currency's own number of places: 1250n, GBP → "12.50 GBP". */
export function moneyText(amountMinor: bigint, currency: string): string {
  const places =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
      .maximumFractionDigits ?? 2;
  return `${fixed(amountMinor, places)} ${currency}`;
}

/** Hundredths of a percent as people write them: 1250 → "12.50 %". */
export function percentText(basisPoints: number | bigint): string {
  return `${fixed(BigInt(basisPoints), 2)} %`;
}

function fixed(value: bigint, places: number): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
  if (places === 0) return sign + digits;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
