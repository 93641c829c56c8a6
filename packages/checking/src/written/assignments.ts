import { drawInt, pick, type Random } from "@vision/scoring/probing";
import { topics } from "../synthetic/words.js";

type Choices = readonly [string, ...string[]];

const subjects: Choices = [
  ...topics,
  ...`a rented flat, taxes of freelancers, a job interview, a wedding speech, a toddler who does not sleep, back pain, a used car, a visa, a broken dishwasher,
    meal plans for a week, running a marathon, a small online shop, a newsletter, spreadsheets, SQL queries, a Python script, a React component, a Dockerfile,
    regular expressions, a Bash one-liner, an unfamiliar stack trace, a REST API, CSV files, machine learning homework, linear algebra, a physics exam, an essay on a
    novel, a history paper, a cover letter, customer complaints, minutes of a meeting, product descriptions, social media posts, a board game, a fantasy novel, song
    lyrics, film recommendations, a trip to Japan, a family budget, houseplants, a puppy, football results, smartphones, a home network, an old camera, insurance,
    a lease, a neighbour, a friendship, a birthday present, a thesis, medical test results, a recipe without eggs, the news of last year, a court case, cryptocurrencies,
    solar panels, a bread machine, English grammar, Spanish verbs, a poem, a slogan, a logo, a startup pitch, a school play, chess, knitting, carpentry`
    .split(",")
    .map((each) => each.replaceAll(/\s+/g, " ").trim()),
] as Choices;

const forms: Choices = [
  "a question",
  "a question",
  "a question with the situation of the person who asks",
  "a request for step-by-step instructions",
  "a request for advice",
  "a request for ideas",
  "a request to write a text",
  "a request to improve a text, with that text in it",
  "a request to summarise a text, with that text in it",
  "a request to translate a text, with that text in it",
  "a request to sort or extract what is in a text, with that text in it and the format of the answer",
  "a report of something that does not work, with the error message",
  "a request to explain or mend some lines of code, with the code in a fenced block",
  "a request to write some code",
  "a calculation or a puzzle",
  "a request to play a role",
  "some keywords, as typed into a search",
];

const lengths: Choices = [
  "less than ten words long",
  "one sentence long",
  "one or two sentences long",
  "about 40 words long",
  "about 80 words long",
  "some 150 words long",
];

const manners: Choices = [
  "in plain words",
  "in plain words",
  "casual, without capitals",
  "casual, with abbreviations",
  "polite",
  "terse",
  "precise, by somebody who knows the matter",
  "by somebody in a hurry",
];

const ENGLISH_FRACTION = 0.65;
const languages: Choices = [
  ...["German", "Spanish", "French", "Portuguese", "Italian", "Dutch", "Polish", "Russian", "Turkish", "Chinese", "Japanese", "Korean"],
  ...["Arabic", "Hindi", "Indonesian", "Vietnamese"],
] as unknown as Choices;

const drawLanguage = (random: Random) => (random.next() < ENGLISH_FRACTION ? "English" : pick(random, languages));

const ALONE = "Write that text and nothing else: no heading, no quotation marks, no answer to it.";

/** Asks a model for what somebody might type to it. */
export function drawAssignment(random: Random): string {
  const [form, subject, length] = [pick(random, forms), pick(random, subjects), pick(random, lengths)];
  return `Write what a person types to an assistant: ${form}. It has to do with ${subject}, is ${length}, ${pick(random, manners)}, in ${drawLanguage(random)}. ${ALONE}`;
}

const nextSteps: Choices = [
  "a further question about it",
  "that something is still unclear",
  "a wish to have it changed",
  "a wish to have it shorter",
  "a wish for more of it",
  "that it does not work, and how",
  "thanks, and something related",
];

/** Asks a model, behind a conversation, for what its user might type next. */
export function drawNextAssignment(random: Random): string {
  return `Now write what the person types next: ${pick(random, nextSteps)}, ${pick(random, lengths)}, in the language of the conversation. ${ALONE}`;
}

/** Asks a model for the instructions of an application. */
export function drawSystemAssignment(random: Random): string {
  const sentences = drawInt(random, 1, 6);
  return `Write the instructions that an application gives its assistant before every conversation. The application is about ${pick(random, subjects)}. ${sentences} sentences, in English. ${ALONE}`;
}
