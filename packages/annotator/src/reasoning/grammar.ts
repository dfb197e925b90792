import { correctNoun, correctVerb } from "./spelling.ts";
import type { TargetAnswer } from "./target-reasoner.ts";
import * as v from "./vocabulary.ts";
import { instructionWords } from "./normalise-instruction.ts";

export interface GrammarOptions {
  /** Whether "wipe the pot with the sponge" has the sponge as its target; a tool may be in the hand from the start. */
  readonly toolIsTarget: boolean;
}

/** A verb with what stands after it, up to the next clause. */
interface Clause {
  readonly verb: string;
  /** Words after the verb and its particles. */
  readonly rest: readonly string[];
  readonly isSwitching: boolean;
}

/** A noun phrase without determiners, and how many words of the clause it took. */
interface NounPhrase {
  readonly words: readonly string[];
  readonly length: number;
}

const ALL_VERBS: ReadonlySet<string> = new Set([...v.GRASP_VERBS, ...v.OTHER_VERBS]);
const none = (reason: string): TargetAnswer => ({ reason, confidence: 0.9 });

/**
 * The first object to grasp, by the grammar of robot instructions: clauses in order, the first whose verb takes hold of
 * something nameable and movable wins. Gives no target rather than a doubtful one.
 */
export function parseTarget(instruction: string, options: GrammarOptions): TargetAnswer {
  const words = instructionWords(instruction);
  if (words.length === 0) return none("the instruction is empty");
  const clauses = splitClauses(words);
  if (clauses.length === 0) return wish(words) ?? none("no verb that the grammar knows");
  const reasons: string[] = [];
  for (const clause of clauses) {
    const answer = clauseTarget(clause, options);
    if (answer.target !== undefined) return answer;
    if (answer.reason !== undefined) reasons.push(answer.reason);
  }
  return none([...new Set(reasons)].join("; "));
}

// --- Clauses --------------------------------------------------------------------------------------------------------

function splitClauses(words: readonly string[]): Clause[] {
  const starts: { index: number; verb: string }[] = [];
  let expectsVerb = true;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const verb = verbAt(words, i, expectsVerb, starts.length === 0);
    if (verb !== undefined) {
      starts.push({ index: i, verb });
      expectsVerb = false;
    } else if (word === "," || v.CONJUNCTIONS.has(word) || (word === "to" && starts.length === 0)) expectsVerb = true;
    else if (/^(?:after|before|by|once|while)$/.test(word) && words[i + 1]?.endsWith("ing")) expectsVerb = true;
    else expectsVerb &&= isOpener(word) || (starts.length > 0 && v.ADVERBS.has(word));
  }
  const clauses = starts.map(({ index, verb }, k) => {
    let from = index + 1;
    const end = starts[k + 1]?.index ?? words.length;
    const particle = words[from];
    const isSwitching = (verb === "turn" || verb === "switch") && (particle === "on" || particle === "off");
    if (verb === "take" && words[from] === "hold" && words[from + 1] === "of") from += 2;
    while (from < end && v.PARTICLES.has(words[from]!)) from++;
    if (/^(?:me|him|her|us)$/.test(words[from] ?? "")) from++;
    if (verb === "reach" && /^(?:for|to|towards?)$/.test(words[from] ?? "")) from++;
    return { verb, rest: words.slice(from, end), isSwitching };
  });
  return inOrderOfDoing(
    clauses,
    starts.map(({ index }) => words[index - 1]),
  );
}

/** "A after doing B" and "before doing A, B" say B first. `before` are the words in front of the clauses' verbs. */
function inOrderOfDoing(clauses: Clause[], before: readonly (string | undefined)[]): Clause[] {
  const ordered: Clause[] = [];
  clauses.forEach((clause, k) => {
    const isLater = k === 1 && before[0] === "before";
    if ((before[k] === "after" && k > 0) || isLater) ordered.splice(k - 1, 0, clause);
    else ordered.push(clause);
  });
  return ordered;
}

/** A sentence without an imperative that says where something should be: "the pepper should be placed on the plate". */
function wish(words: readonly string[]): TargetAnswer | undefined {
  const wanted = words.findIndex(
    (word, i) => /^(?:want|need|like)$/.test(word) && v.DETERMINERS.has(words[i + 1] ?? ""),
  );
  if (wanted >= 0) return wished(words.slice(wanted + 1));
  const said = words.findIndex((word) => v.WISHES.has(word));
  if (said <= 0) return undefined;
  const does = words.slice(said + 1).filter((word) => !/^(?:to|be|been|got)$/.test(word));
  const [first = ""] = does;
  const base = baseForm(first);
  if (base !== undefined && !v.GRASP_VERBS.has(base))
    return none(`to ${base} something needs no grasp of a movable object`);
  const isPlace = /^(?:goes|go|belongs?|should|must|needs?)$/.test(words[said]!) && v.PREPOSITIONS.has(first);
  return base !== undefined || isPlace ? wished(words) : undefined;
}

const wished = (words: readonly string[]): TargetAnswer =>
  nameTarget({ verb: "put", rest: words, isSwitching: false }, nounPhrase(words, 0));

/** The verb that word `i` is, in its base form: any known one where a verb is expected, else a sentence's first gerund. */
function verbAt(words: readonly string[], i: number, expected: boolean, isFirst: boolean): string | undefined {
  const word = words[i]!;
  if (!expected) {
    if (!isFirst || v.DETERMINERS.has(words[i - 1] ?? "")) return undefined;
    if (/^(?:robot|arm|gripper|hand)$/.test(words[i - 1] ?? "") && word.endsWith("s")) return baseForm(word);
    return word.endsWith("ing") && !isNominal(words[i + 1]) ? baseForm(word) : undefined;
  }
  // "hold", "place" or "can" after an article are nouns.
  if (i > 0 && v.DETERMINERS.has(words[i - 1]!)) return undefined;
  const base = baseForm(word);
  if (base !== undefined) return base;
  const corrected = correctVerb(word, ALL_VERBS);
  return ALL_VERBS.has(corrected) && !isNominal(words[i + 1]) ? corrected : undefined;
}

function isOpener(word: string): boolean {
  return v.OPENERS.has(word) || (word.endsWith("ly") && !v.LY_NOUNS.has(word));
}

/** Whether nothing follows that a verb could act on. */
function isNominal(next: string | undefined): boolean {
  return next === undefined || next === "," || (v.PREPOSITIONS.has(next) && !v.PARTICLES.has(next));
}

function baseForm(word: string): string | undefined {
  if (ALL_VERBS.has(word)) return word;
  for (const ending of ["ing", "ed", "es", "s"]) {
    if (!word.endsWith(ending)) continue;
    const stem = word.slice(0, -ending.length);
    for (const form of [stem, `${stem}e`, stem.replace(/(.)\1$/, "$1")]) if (ALL_VERBS.has(form)) return form;
  }
  return undefined;
}

// --- One clause -----------------------------------------------------------------------------------------------------

function clauseTarget(clause: Clause, options: GrammarOptions): TargetAnswer {
  const { verb, rest } = clause;
  if (clause.isSwitching) return none("something is switched on or off");
  if (v.TOOL_VERBS.has(verb) && rest.includes("with")) {
    if (!options.toolIsTarget) return none(`"${verb} … with" names a tool that may be in the hand from the start`);
    return nameTarget(clause, nounPhrase(rest, rest.indexOf("with") + 1));
  }
  if (verb === "cover" && rest.includes("with")) return nameTarget(clause, nounPhrase(rest, rest.indexOf("with") + 1));
  if (verb === "pour") {
    const from = Math.max(rest.indexOf("from"), rest.indexOf("out") >= 0 ? rest.indexOf("of") : -1);
    if (from < 0) return none("what is poured cannot be grasped, and its vessel is not named");
    return nameTarget(clause, nounPhrase(rest, from + 1));
  }
  if (verb === "sweep") return nameTarget(clause, nounPhrase(rest, 0));
  if (!v.GRASP_VERBS.has(verb)) return none(`to ${verb} something needs no grasp of a movable object`);
  return nameTarget(clause, nounPhrase(rest, 0));
}

function nounPhrase(rest: readonly string[], start: number): NounPhrase {
  const found: string[] = [];
  let i = start;
  for (; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === "of" && found.length === 1 && v.POSSESSIONS.has(found[0]!)) {
      found.length = 0;
      continue;
    }
    if (found.length === 0 && (v.DETERMINERS.has(word) || (word === "of" && i > start))) continue;
    if (word === ",") break;
    if (word === "of" && v.MEASURES.has(found.at(-1) ?? "")) {
      found.push(word);
      while (v.DETERMINERS.has(rest[i + 1] ?? "")) i++;
      continue;
    }
    if (v.CONJUNCTIONS.has(word)) {
      if (!joins(found, rest, i)) break;
      found.push(word);
      while (v.DETERMINERS.has(rest[i + 1] ?? "")) i++;
      continue;
    }
    const isSide = v.SIDES.has(word);
    if (isSide && (found.some((w) => !v.SIDES.has(w)) || !beginsNoun(rest[i + 1]))) break;
    if (found.length > 0 && /^(?:open|closed|shut)$/.test(word)) break;
    if (/^ones?$/.test(word)) {
      found.push(word);
      continue;
    }
    if (v.DETERMINERS.has(word) || (v.PREPOSITIONS.has(word) && !isSide)) break;
    if (found.length > 0 && (isParticiple(word, rest[i + 1]) || v.WISHES.has(word))) break;
    if (!isSide && (v.ADVERBS.has(word) || (word.endsWith("ly") && !v.LY_NOUNS.has(word)))) break;
    found.push(word);
  }
  return { words: found, length: i };
}

/** "the bowl containing the apple", "a can marked with tape": what follows the noun tells which one is meant. */
function isParticiple(word: string, next: string | undefined): boolean {
  if (!/^.{3,}(?:ing|ed)$/.test(word) || v.NOUNS.has(word) || v.COLOURS.has(word) || v.PARTICIPLE_NOUNS.has(word))
    return false;
  return next !== undefined && (v.DETERMINERS.has(next) || v.PREPOSITIONS.has(next));
}

/** "and" between two colours, "or" between two nouns: the phrase goes on. */
function joins(found: readonly string[], rest: readonly string[], i: number): boolean {
  const next = rest.slice(i + 1).find((word) => !v.DETERMINERS.has(word));
  if (found.length === 0 || next === undefined) return false;
  if (rest[i] === "or") return !v.PREPOSITIONS.has(next);
  return rest[i] === "and" && v.COLOURS.has(found.at(-1)!) && v.COLOURS.has(next) && found.length <= 2;
}

function beginsNoun(word: string | undefined): boolean {
  if (word === undefined || word === "," || v.CONJUNCTIONS.has(word) || v.ADVERBS.has(word)) return false;
  return !v.PREPOSITIONS.has(word) && !v.DETERMINERS.has(word);
}

function nameTarget({ verb, rest }: Clause, phrase: NounPhrase): TargetAnswer {
  if (phrase.words.length === 0) return none(`"${verb}" names no object`);
  const corrected = phrase.words.map(correctNoun).join(" ");
  const alternatives = withSharedHead(corrected.split(" or "));
  for (const alternative of alternatives) {
    const words = alternative.split(" ");
    const ofAt = words.indexOf("of");
    const head = words[ofAt > 0 ? ofAt - 1 : words.length - 1]!;
    if (v.FIXTURES.has(head)) return none(`the ${head} stays where it is`);
    const describing = words.slice(0, -1).filter((word) => !v.SIDES.has(word));
    if (v.UNSPECIFIC.has(head) && describing.length === 0) return none(`"${alternative}" can be anything`);
    if (v.COLOURS.has(head) && !v.NOUNS.has(head)) return none(`"${alternative}" is a colour, not an object`);
  }
  const modifier = v.PICK_VERBS.has(verb) ? modifierAfter(rest.slice(phrase.length)) : "";
  const spelled = corrected === phrase.words.join(" ");
  const known = alternatives.every((alternative) => v.NOUNS.has(alternative.split(" ").at(-1)!));
  return {
    target: corrected,
    alternatives,
    ...(modifier === "" ? {} : { modifier }),
    confidence: Math.min(spelled ? 1 : 0.85, known ? 0.98 : 0.8, alternatives.length > 1 ? 0.9 : 1),
  };
}

/** The words that place the object, up to the next clause: "between the plate and the ramekin". */
function modifierAfter(words: readonly string[]): string {
  const end = words.findIndex(
    (word, i) =>
      word === "," ||
      word === "then" ||
      (ALL_VERBS.has(word) && /^(?:it|them)$/.test(words[i + 1] ?? "")) ||
      (ALL_VERBS.has(word) && v.DETERMINERS.has(words[i + 1] ?? "")),
  );
  const place = words.slice(0, end < 0 ? words.length : end).join(" ");
  return /^(?:and|or)\b/.test(place) ? "" : place.replace(/(?: and| then)+$/, "");
}

/** "red or blue cup" -> "red cup", "blue cup"; "pot or pan" as it is. */
function withSharedHead(alternatives: readonly string[]): string[] {
  const tail = alternatives.at(-1)!.split(" ");
  return alternatives.map((alternative) =>
    alternatives.length > 1 && v.COLOURS.has(alternative) && tail.length > 1
      ? `${alternative} ${tail.slice(1).join(" ")}`
      : alternative,
  );
}
