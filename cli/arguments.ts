import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** Parses an integer option. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Must be an integer from ${min} to ${max}.`);
  };
}

/** Parses an option that is a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError("Must be a number above 0.");
}

export type Pair = readonly [name: string, value: string];

/** Collects repeated NAME=… arguments. Each name may occur once. */
export function pair(what: string): (text: string, pairs?: readonly Pair[]) => readonly Pair[] {
  return (text, pairs = []) => {
    const at = text.indexOf("=");
    const name = text.slice(0, Math.max(0, at)).trim();
    const value = text.slice(at + 1).trim();
    if (name === "" || value === "") throw new InvalidArgumentError(`Must be NAME=${what}.`);
    if (pairs.some(([other]) => other === name)) throw new InvalidArgumentError(`${name} is given twice.`);
    return [...pairs, [name, value]];
  };
}

export function identityNameOption() {
  const names = ["user_id", "anonymous_id", "registration_id"] as const;
  return new Option("--identity-name <name>", "the kind of identity; user_id creates users that don't exist").choices(
    names,
  );
}
