/** How numbers stand in sentences: `4 812`, `0.167`, `3.2 %`. */
export function wholeNumber(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** Three significant digits, no exponent between a millionth and a million. */
export function shortNumber(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-6) return value.toExponential(2);
  return Number(value.toPrecision(3)).toString();
}

export function percent(value: number): string {
  return `${shortNumber(value * 100)} %`;
}
