/** A list that is never empty. */
export type Words = readonly [string, ...string[]];

function words(text: string): Words {
  const [first = "", ...rest] = text.trim().split(/\s*,\s*/);
  return [first, ...rest];
}

/** Countries whose facts a small model can know. */
export const countries = words(
  `Italy, France, Spain, Portugal, Germany, Austria, Poland, Hungary, Romania, Bulgaria, Greece, Albania, Croatia, Slovenia, Slovakia, Estonia,
  Latvia, Lithuania, Finland, Sweden, Norway, Denmark, Iceland, Ireland, Belgium, Luxembourg, Malta, Cyprus, Serbia, Montenegro, Moldova, Ukraine,
  Turkey, Egypt, Morocco, Algeria, Tunisia, Libya, Sudan, Ethiopia, Kenya, Uganda, Rwanda, Tanzania, Zambia, Zimbabwe, Botswana, Namibia, Angola,
  Nigeria, Ghana, Senegal, Mali, Niger, Chad, Cameroon, Gabon, Madagascar, Mozambique, Malawi, Brazil, Argentina, Chile, Peru, Bolivia, Ecuador,
  Colombia, Venezuela, Uruguay, Paraguay, Guyana, Suriname, Panama, Honduras, Guatemala, Nicaragua, Cuba, Haiti, Jamaica, Mexico, Canada, Japan,
  China, Mongolia, India, Nepal, Bhutan, Bangladesh, Pakistan, Afghanistan, Iran, Iraq, Jordan, Lebanon, Syria, Israel, Oman, Qatar, Kuwait, Yemen,
  Thailand, Vietnam, Laos, Cambodia, Malaysia, Singapore, Indonesia, Philippines, Australia, New Zealand, Fiji, Samoa, Tonga, Vanuatu, Kiribati`,
);

/** Given names. */
export const names = words(
  `Lily, Mia, Anna, Sara, Emma, Lucy, Zoe, Nora, Ella, Ruby, Maya, Ivy, Rosa, Clara, Amy, Jane, Kate, Molly, Alice, Daisy, Tom, Ben, Max, Sam,
  Leo, Jack, Tim, Finn, Omar, Hugo, Noah, Eli, Adam, Luke, Dan, Peter, Oscar, Paul, Theo, Will`,
);

/** Animals and figures of stories. */
export const animals = words(
  `cat, dog, rabbit, fox, bear, mouse, bird, frog, duck, horse, cow, pig, sheep, goat, owl, squirrel, turtle, fish, hen, wolf, lion, monkey,
  elephant, hedgehog, penguin, dragon, unicorn, dinosaur, robot, pirate, wizard, giant, fairy, ghost, tiger, zebra, snail, bee, whale, crab`,
);

/** Things of stories. */
export const things = words(
  `ball, kite, drum, boat, doll, book, hat, bell, balloon, basket, lamp, ladder, cup, key, box, train, puzzle, ribbon, spoon, flute, mirror,
  map, stone, feather, shell, cake, cookie, rocket, canoe, bus, tractor, bicycle, taxi, ship, helicopter, lantern, clock, candle`,
);

/** Places of stories. */
export const places = words(
  "park, forest, garden, house, beach, river, hill, lake, school, farm, market, village, barn, kitchen, field, mountain, cave, library, castle, bridge",
);

/** Colours. */
export const colours = words("red, blue, green, yellow, purple, orange, white, black, brown, golden, silver, pink, gray");

/** Adjectives of things and places. */
export const adjectives = words(
  "small, big, old, new, shiny, soft, heavy, round, pretty, strange, tiny, bright, broken, lovely, wooden, magic, warm, cold, clean, dusty",
);

/** Adjectives of people and animals. */
export const characters = words("little, young, kind, clever, brave, quiet, curious");

/** Words with an opposite. */
export const opposites = words(
  "hot, big, up, day, happy, fast, old, hard, light, open, early, full, loud, near, wet, clean, strong, high, rich, thick, young, heavy, right, left",
);

/** Weekdays. */
export const days = words("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday");

/** Months. */
export const months = words("January, February, March, April, May, June, July, August, September, October, November, December");

/** Names of lists. */
export const listKinds = words("animals, colors, foods, toys, places");

/** Numbers in words, zero to twenty. */
export const numberWords = words(
  `zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen,
  nineteen, twenty`,
);

/** Topics for models that know more than stories. */
export const topics = words(
  `photosynthesis, the water cycle, plate tectonics, the printing press, compound interest, supply and demand, binary search, hash tables,
  public-key cryptography, the French Revolution, the Silk Road, jazz harmony, impressionist painting, sourdough baking, urban planning,
  renewable energy, electric motors, black holes, the immune system, antibiotics, coral reefs, migration of birds, chess openings, haiku,
  unit testing, garbage collection, database indexes, consensus in distributed systems, the scientific method, statistics of polling,
  bicycle maintenance, gardening on a balcony, learning a language, meditation, tide pools, volcanoes, the history of coffee, optical illusions`,
);

/** For whom something is explained. */
export const audiences = words(
  `a ten-year-old, a new colleague, a curious neighbor, a first-year student, a busy manager, my grandmother, a journalist, a hobbyist,
  someone who is preparing for an exam, a group of tourists`,
);

/** Things that a small picture can show. */
export const pictures = words(
  `apple, green apple, banana, grapes, strawberry, cherry, lemon, peach, watermelon, tomato, carrot, mushroom, bread, cheese, pizza, cake,
  cookie, egg, cat face, dog face, fox, bear, panda, rabbit, mouse, frog, lion, tiger, cow, pig, horse, monkey, chicken, penguin, bird, duck,
  owl, fish, whale, dolphin, octopus, crab, snail, butterfly, bee, turtle, snake, dragon, tree, cactus, flower, rose, sunflower, tulip, leaf,
  sun, moon, star, cloud, rainbow, snowflake, fire, droplet, rocket, airplane, car, bus, train, bicycle, boat, house, castle, tent, mountain,
  heart, bell, gift, balloon, key, lock, light bulb, candle, book, pencil, clock, crown, hat, shoe, glasses, umbrella, soccer ball, drum,
  guitar, robot, ghost, alien, face, hand, eye, circle, square, triangle, diamond`,
);

/** How two things of a picture stand to each other. */
export const relations = words("and, with, next to, near, behind, under, in front of, above");
