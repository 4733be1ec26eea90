/** Names as Fluvio checks them: 1 to 63 of `a-z 0-9 -`, no dash at either end. */
const NAME_CHARS_MAX = 63;
const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** @returns why the name is refused, or `undefined` when it is good */
export function checkTopicName(name: string): string | undefined {
  if (name.length > NAME_CHARS_MAX) {
    const shown = `${name.slice(0, NAME_CHARS_MAX)}…`;
    return `Invalid topic name: '${shown}'. Name exceeds max characters allowed ${NAME_CHARS_MAX}`;
  }
  if (!NAME.test(name)) {
    return `Invalid topic name: '${name}'. Contain only lowercase alphanumeric characters or '-'`;
  }
  return undefined;
}
