import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  belowMinor,
  divideRounded,
  formatDecimal,
  lineAmount,
  parseDecimal,
  toDecimal,
  toMinor,
} from '../../bench/replay/source/decimal.ts';

/** Decimal strings with up to six places, and the same value in millionths. */
const decimals = fc
  .tuple(fc.boolean(), fc.bigInt(0n, 999_999_999n), fc.integer({ min: 0, max: 6 }), fc.nat(999_999))
  .map(([negative, whole, places, digits]) => {
    const fraction = String(digits).padStart(6, '0').slice(0, places);
    const text = `${negative ? '-' : ''}${whole}${places === 0 ? '' : `.${fraction}`}`;
    const magnitude = BigInt(`${whole}${fraction.padEnd(6, '0')}`);
    return { text, millionths: negative ? -magnitude : magnitude };
  });
const quantities = fc.integer({ min: -100_000, max: 100_000 });

describe('exact decimals', () => {
  test('every decimal string with up to six places is read exactly and written back as the same number', () => {
    fc.assert(
      fc.property(decimals, ({ text, millionths }) => {
        expect(parseDecimal(text)).toBe(millionths);
        expect(toDecimal(formatDecimal(millionths))).toBe(millionths);
      }),
    );
  });

  test.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '.5',
    '5.',
    '1e3',
    '1,5',
    '0x1',
    '--1',
    '1.2345678',
    'NaN',
    '1.2.3',
  ])('%j is no decimal', (text) => {
    expect(parseDecimal(text)).toBeNull();
    expect(() => toDecimal(text)).toThrow(RangeError);
  });

  test.each([
    ['493207.121', 2, '493207.121'],
    ['-44601.5', 2, '-44601.50'],
    ['0', 2, '0.00'],
    ['0', 0, '0'],
    ['-0.1', 0, '-0.1'],
    ['1.2750', 4, '1.2750'],
    ['100', 0, '100'],
  ] as const)('%s with at least %i places is written %s', (text, places, written) => {
    expect(formatDecimal(toDecimal(text), places)).toBe(written);
  });
});

describe('rounding to the penny', () => {
  test.each([
    [1, '0.001', 0n, '0.1'],
    [5, '0.001', 1n, '-0.5'],
    [-5, '0.001', -1n, '0.5'],
    [1, '0.004999', 0n, '0.4999'],
    [1, '0.005', 1n, '-0.5'],
    [1, '-0.005', -1n, '0.5'],
    [3, '2.55', 765n, '0'],
    [1, '-11062.06', -1_106_206n, '0'],
    [74_215, '1.04', 7_718_360n, '0'],
  ] as const)('%i at %s is %s pence and leaves %s', (quantity, unitPrice, minor, below) => {
    const amount = lineAmount(quantity, unitPrice);
    expect(toMinor(amount)).toBe(minor);
    expect(formatDecimal(belowMinor(amount))).toBe(below);
  });

  test('a rounded amount and what was left out are the exact amount, and no more than half a penny apart', () => {
    fc.assert(
      fc.property(decimals, quantities, ({ text, millionths }, quantity) => {
        const amount = lineAmount(quantity, text);
        expect(amount).toBe(millionths * BigInt(quantity));
        expect(toMinor(amount) * 1_000_000n + belowMinor(amount)).toBe(amount * 100n);
        const below = belowMinor(amount);
        expect(below >= -500_000n && below <= 500_000n).toBe(true);
      }),
    );
  });

  test('rounding is the same on both sides of zero, and a half goes away from zero', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 15n), 10n ** 15n),
        fc.bigInt(1n, 10n ** 6n),
        (dividend, divisor) => {
          const rounded = divideRounded(dividend, divisor);
          expect(divideRounded(-dividend, divisor)).toBe(-rounded);
          const twiceError = 2n * (dividend - rounded * divisor);
          const size = twiceError < 0n ? -twiceError : twiceError;
          expect(size <= divisor).toBe(true);
          // At exactly half, the rounded value lies further out, so the error points back to zero.
          const pointsBack = twiceError > 0n === dividend < 0n;
          expect(size < divisor || pointsBack).toBe(true);
        },
      ),
    );
  });

  test('a divisor that is not positive is refused', () => {
    expect(() => divideRounded(1n, 0n)).toThrow(RangeError);
  });
});
