import { drawInt, pick, type Random } from "@vision/scoring/probing";
import {
  adjectives,
  animals,
  audiences,
  characters,
  colours,
  countries,
  days,
  listKinds,
  months,
  names,
  numberWords,
  opposites,
  places,
  things,
  topics,
} from "./words.js";

/** Makes one text from draws. */
export type Template = (random: Random) => string;

function withArticle(noun: string): string {
  return /^[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** One of the templates, equally likely, filled in. */
export function fillTemplate(random: Random, templates: readonly [Template, ...Template[]]): string {
  return pick(random, templates)(random);
}

function sum(random: Random): string {
  const [left, right] = [drawInt(random, 0, 20), drawInt(random, 0, 20)];
  const larger = Math.max(left, right);
  const smaller = Math.min(left, right);
  return fillTemplate(random, [
    () => `What is ${left} plus ${right}?`,
    () => `What is ${left} + ${right}?`,
    () => `${left} + ${right} =`,
    () => `Add ${left} and ${right}.`,
    () => `What is ${larger} minus ${smaller}?`,
    () => `What is ${left % 11} times ${right % 11}?`,
    () => `Count from ${numberWords[smaller % 10] ?? "one"} to ${numberWords[11 + (larger % 10)] ?? "twenty"}.`,
  ]);
}

function country(random: Random): string {
  const name = pick(random, countries);
  return fillTemplate(random, [
    () => `What is the capital of ${name}?`,
    () => `Tell me the capital of ${name}.`,
    () => `Which city is the capital of ${name}?`,
    () => `What's the capital city of ${name}?`,
    () => `Where is ${name}?`,
    () => `Where is ${name} located?`,
    () => `What language do people speak in ${name}?`,
    () => `Tell me about ${name}.`,
    () => `What do you know about ${name}?`,
    () => `Describe ${name}.`,
  ]);
}

/** Asks for a story. */
export function drawStoryRequest(random: Random): string {
  const [name, animal, thing, place] = [pick(random, names), pick(random, animals), pick(random, things), pick(random, places)];
  const hero = `${pick(random, characters)} ${animal}`;
  return fillTemplate(random, [
    () => `Tell me a story about ${withArticle(animal)} named ${name}.`,
    () => `Write a story about ${withArticle(animal)} and ${withArticle(thing)}.`,
    () => `Write a short story about ${withArticle(`${pick(random, colours)} ${thing}`)}.`,
    () => `Can you tell me a story about ${name} and ${withArticle(`${pick(random, adjectives)} ${thing}`)}?`,
    () => `Please write a story about ${withArticle(hero)} in the ${place}.`,
    () => `Tell me about ${name} the ${animal}.`,
    () => `I want to hear a story about ${withArticle(animal)} who lived near the ${place}.`,
  ]);
}

function smallTalk(random: Random): string {
  return fillTemplate(random, [
    () => `What is the opposite of ${pick(random, opposites)}?`,
    () => `What sound does ${withArticle(pick(random, animals))} make?`,
    () => `What color is ${withArticle(pick(random, animals))}?`,
    () => `What day comes after ${pick(random, days)}?`,
    () => `What month comes after ${pick(random, months)}?`,
    () => `Name ${numberWords[drawInt(random, 3, 5)] ?? "three"} ${pick(random, listKinds)}.`,
    () => `Hello, my name is ${pick(random, names)}. How are you?`,
    () => `I am ${pick(random, names)}. What can you do?`,
  ]);
}

function explanation(random: Random): string {
  const [topic, audience] = [pick(random, topics), pick(random, audiences)];
  return fillTemplate(random, [
    () => `Explain ${topic} to ${audience} in ${drawInt(random, 2, 9)} sentences.`,
    () => `What are the ${drawInt(random, 2, 7)} most important things to know about ${topic}?`,
    () => `Compare ${topic} with ${pick(random, topics)}.`,
    () => `Write a short dialogue between ${pick(random, names)} and ${pick(random, names)} about ${topic}.`,
    () => `How would ${audience} get started with ${topic}?`,
    () => `Write ${drawInt(random, 2, 5)} exam questions about ${topic}, with answers.`,
    () => `Give me a plan for ${drawInt(random, 3, 14)} days to learn about ${topic}.`,
    () => `Summarize the common misunderstandings about ${topic} for ${audience}.`,
  ]);
}

/** What users ask a small model. */
export const simpleQuestions: readonly [Template, ...Template[]] = [
  sum,
  country,
  country,
  drawStoryRequest,
  drawStoryRequest,
  drawStoryRequest,
  smallTalk,
];

/** What users ask a large model; the simple questions are among them. */
export const wideQuestions: readonly [Template, ...Template[]] = [explanation, explanation, explanation, country, drawStoryRequest, sum];

function storyOpening(random: Random): string {
  const [name, animal, thing, place] = [pick(random, names), pick(random, animals), pick(random, things), pick(random, places)];
  const hero = withArticle(`${pick(random, characters)} ${animal}`);
  return fillTemplate(random, [
    () => `Once upon a time, there was ${hero} named ${name}.`,
    () => `One day, ${hero} named ${name} went to the ${place}.`,
    () => `There once was ${hero} called ${name}. Every morning, ${name} would look for ${withArticle(thing)} in the`,
    () => `Long ago, ${hero} named ${name} lived in a ${pick(random, adjectives)} house by the ${place}.`,
    () => `${name} had a ${pick(random, adjectives)} ${thing} that was ${pick(random, colours)}. One day, ${name}`,
    () =>
      `${name} and ${pick(random, names)} went to the ${place} to play. They saw ${withArticle(`${pick(random, adjectives)} ${thing}`)}`,
  ]);
}

function factOpening(random: Random): string {
  const name = pick(random, countries);
  return fillTemplate(random, [
    () => `The capital of ${name} is`,
    () => `${name} is in`,
    () => `People in ${name} speak`,
    () => `The climate of ${name} is`,
    () => `${drawInt(random, 0, 20)} plus ${drawInt(random, 0, 20)} is`,
  ]);
}

function essayOpening(random: Random): string {
  const topic = pick(random, topics);
  return fillTemplate(random, [
    () => `The most surprising thing about ${topic} is that`,
    () => `Notes on ${topic}, written for ${pick(random, audiences)}:\n\n1.`,
    () => `When ${pick(random, names)} first read about ${topic},`,
    () => `In a hundred years, ${topic} will`,
    () => `Q: How does ${topic} relate to ${pick(random, topics)}?\nA:`,
  ]);
}

/** Beginnings that a small model can go on from. */
export const simpleOpenings: readonly [Template, ...Template[]] = [storyOpening, storyOpening, storyOpening, factOpening];

/** Beginnings for a large model. */
export const wideOpenings: readonly [Template, ...Template[]] = [essayOpening, essayOpening, storyOpening, factOpening];
