import { attributeText, type Attributes } from './attribute.ts';

/**
 * The label under which an attribute is stored: what Prometheus' own translation makes of it. Characters other than ASCII
 * letters, digits and `_` become `_`, and a name that then begins with a digit or with one `_` gets `key` before it.
 *
 * @returns The empty string for a name of which nothing is left.
 */
export function labelNameOf(attribute: string): string {
  const name = attribute.replaceAll(/[^a-zA-Z0-9_]/gu, '_');
  if (/^\d/.test(name)) return `key_${name}`;
  if (/^_(?!_)/.test(name)) return `key${name}`;
  return name !== attribute && /^_+$/.test(name) ? '' : name;
}

/**
 * Labels of attributes. Where two attributes come to the same label, their values are joined with `;` in the order of the
 * attributes' names, as in Prometheus.
 *
 * @param isKept Says which attributes become labels; all by default.
 */
export function labelsOf(
  attributes: Attributes,
  isKept: (attribute: string) => boolean = () => true,
): Map<string, string> {
  const labels = new Map<string, string>();
  const sorted = [...attributes].filter(([attribute]) => isKept(attribute)).toSorted(byName);
  for (const [attribute, value] of sorted) {
    const name = labelNameOf(attribute);
    const text = attributeText(value);
    if (name === '') continue;
    const before = labels.get(name);
    labels.set(name, before === undefined ? text : `${before};${text}`);
  }
  return labels;
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;
