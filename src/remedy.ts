/** What is wrong and what to do as one text, whichever of the two ends with a full stop. */
export function withRemedy({
  message,
  remedy,
}: {
  readonly message: string;
  readonly remedy: string;
}): string {
  return `${ended(message)} ${ended(remedy.charAt(0).toUpperCase() + remedy.slice(1))}`;
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
