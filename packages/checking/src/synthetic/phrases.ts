import { drawInt, pick, type Random } from "@vision/scoring/probing";
import { adjectives, animals, audiences, characters, colours, names, numberWords, places, things } from "./words.js";

type Phrase = (random: Random) => string;
type Phrases = readonly [Phrase, ...Phrase[]];

const say = (random: Random, phrases: Phrases) => pick(random, phrases)(random);
const pair = (random: Random) => `${pick(random, adjectives)} ${pick(random, things)}`;
const hero = (random: Random) => `${pick(random, characters)} ${pick(random, animals)}`;
const few = (random: Random) => numberWords[drawInt(random, 1, 9)] ?? "two";

const openings: Phrases = [
  (random) => `Hi, I am ${pick(random, names)} and this is ${pick(random, names)}.`,
  (random) => `Hello! My name is ${pick(random, names)}.`,
  (random) => `${pick(random, names)} asked me this at the ${pick(random, places)}.`,
  (random) => `I am sitting by the ${pick(random, places)} with my ${pair(random)}.`,
  (random) => `My ${pick(random, characters)} friend ${pick(random, names)} wants to know this.`,
  (random) => `This is question ${drawInt(random, 2, 99)} for today.`,
  (random) => `I have ${few(random)} minutes before I go to the ${pick(random, places)}.`,
  () => "Quick question:",
  () => "Please help me.",
];

const closings: Phrases = [
  (random) => `Answer in ${few(random)} sentences.`,
  (random) => `Use no more than ${drawInt(random, 10, 90)} words.`,
  (random) => `Explain it as you would to ${pick(random, audiences)}.`,
  (random) => `Then say something about a ${pair(random)}.`,
  (random) => `It is for ${pick(random, names)}, who likes every ${hero(random)}.`,
  (random) => `My ${pick(random, animals)} is called ${pick(random, names)}, by the way.`,
  () => "Keep it short.",
  () => "Use simple words.",
  () => "Thank you!",
];

/** A question with what users put around it: often nothing, often a line before or after it. */
export function dressQuestion(random: Random, question: string): string {
  const opening = random.next() < 0.55 ? `${say(random, openings)} ` : "";
  const closing = random.next() < 0.55 ? ` ${say(random, closings)}` : "";
  return `${opening}${question}${closing}`;
}

const systems: Phrases = [
  () => "You are a helpful assistant.",
  (random) => `You are ${pick(random, names)}, a ${pick(random, characters)} assistant. Answer in ${few(random)} sentences.`,
  (random) => `You are a ${hero(random)} called ${pick(random, names)} who lives near the ${pick(random, places)}.`,
  (random) => `You write for ${pick(random, audiences)}. Use at most ${drawInt(random, 20, 200)} words.`,
  (random) => `Answer ${pick(random, names)} briefly. Never talk about a ${pair(random)}.`,
  (random) =>
    `The user is ${pick(random, names)}. The favorite color of the user is ${pick(random, colours)}. Be ${pick(random, characters)}.`,
];

/** Instructions as an application puts them before a conversation. */
export function drawSystemText(random: Random): string {
  return say(random, systems);
}

const replies: Phrases = [
  (random) => `Of course, ${pick(random, names)}! It was a ${pair(random)} in the ${pick(random, places)}.`,
  (random) => `I think it is ${few(random)}. Do you want to know more?`,
  (random) => `Once there was a ${hero(random)} named ${pick(random, names)}, who had a ${pair(random)}.`,
  (random) => `That is a good question. ${pick(random, names)} and ${pick(random, names)} went to the ${pick(random, places)} to find out.`,
  (random) => `Here you are: the ${pair(random)} is ${pick(random, colours)}.`,
  () => "Yes, that is right.",
];

/** Something that an assistant may have said before, in a conversation that goes on. */
export function drawEarlierReply(random: Random): string {
  return say(random, replies);
}

const followUps: Phrases = [
  (random) => `And what about the ${pair(random)}?`,
  (random) => `Tell me more about ${pick(random, names)} and the ${pick(random, animals)}.`,
  (random) => `Now say it again for ${pick(random, audiences)}.`,
  (random) => `What did ${pick(random, names)} do at the ${pick(random, places)} then?`,
  (random) => `Can you give me ${few(random)} more like that, with a ${pair(random)}?`,
  (random) => `I do not understand. What has a ${hero(random)} to do with the ${pick(random, places)}?`,
];

/** What a user says next in a conversation. */
export function drawFollowUp(random: Random): string {
  return say(random, followUps);
}
