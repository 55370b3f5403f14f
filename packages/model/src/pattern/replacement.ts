import type { GroupPattern } from './pattern.ts';

const REFERENCE = /\$(?:(\$)|(\w+)|\{(\w+)\})/g;

/**
 * Go's `Expand`: replaces `$1`, `${1}`, `$name` and `${name}` by the groups of a match; `$$` is a dollar sign. The longest
 * name counts, so `$1x` is the group named `1x`; a group that there is not is empty.
 */
export function expandReplacement(
  template: string,
  groups: readonly (string | undefined)[],
  names: GroupPattern['names'],
): string {
  return template.replaceAll(REFERENCE, (...reference: readonly (string | undefined)[]) => {
    const [, dollar, plain, braced] = reference;
    if (dollar !== undefined) return '$';
    const name = plain ?? braced ?? '';
    const index = /^\d+$/.test(name) ? Number(name) : names.get(name);
    return index === undefined ? '' : (groups[index] ?? '');
  });
}
