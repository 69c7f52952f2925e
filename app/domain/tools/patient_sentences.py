"""The sentences in which patients ask, with gaps for what an organization offers."""

BODY = (
    "face",
    "forehead",
    "cheeks",
    "nose",
    "chin",
    "jaw",
    "mouth",
    "lips",
    "upper lip",
    "eyes",
    "eyebrows",
    "eyelids",
    "neck",
    "chest",
    "back",
    "shoulders",
    "arms",
    "upper arms",
    "underarms",
    "hands",
    "fingers",
    "belly",
    "tummy",
    "stomach",
    "waist",
    "hips",
    "bottom",
    "thighs",
    "legs",
    "knees",
    "feet",
    "skin",
    "hair",
    "temples",
    "scalp",
    "body",
)
# {t} a treatment, {c} a concern, {b} a part of the body.
FRAMES = """
I would like {t}
I would like a {t}
I would like to have {t}
I would like to book {t}
I would like to book a {t} for my {b}
I would like to try {t}
I would like {t} for my {b}
I want {t}
I want a {t} on my {b}
I want to have {t} done
I am interested in {t}
I am interested in a {t} for {c}
I am thinking about {t}
I am thinking of having {t} for my {b}
I am looking for {t}
I am looking for a {t}
I am looking for something against {c}
I am looking for something for {c} and {c}
I need {t}
I need help with {c}
I need something for my {b}
{t} please
{t} for my {b} please
{t} for {c}
{c}
{c} on my {b}
{c} and {c}
something for {c}
something gentle for {c}
something against {c} around my {b}
something for my {b} without surgery
how much is {t}
how much is a {t}
how much is {t} for the {b}
how much does {t} cost
how much does a {t} cost for the {b}
how much would it cost
what does {t} cost
what does a {t} session cost
what does a session of {t} cost
what is the price of {t}
what is {t}
what is the difference between {t} and {t}
what is the best treatment for {c}
what is best for {c}
what can I do about {c}
what can I do about my {b}
what can you do for {c}
what can you do about {c} on my {b}
what do you recommend for {c}
what do you recommend for my {b}
what do you offer for {c}
what would help with {c}
which treatment is best for {c}
which treatment is good for {c} on the {b}
which {t} is good for {c}
how long does {t} take
how long does the effect of {t} last
how long is the downtime after {t}
how long is my {b} red afterwards
how many sessions of {t} do I need
how many sessions do I need for {c}
how does {t} work
how can I get rid of {c}
how do I get rid of {c} on my {b}
can you help with {c}
can you help me with {c} on my {b}
can you help with my {b}
can you remove {c}
can you remove the {c} on my {b}
can you do something about {c}
can {t} help with {c}
can I have {t} in summer
can I get {t} while I am pregnant
could you do something about {c}
could you help me with my {b}
do you have anything for {c}
do you have something for my {b}
do you offer {t}
do you offer {t} for the {b}
do you do {t}
do you treat {c}
do you treat {c} with {t}
does {t} hurt
does {t} help with {c}
does {t} work for {c}
is {t} painful
is {t} safe
is {t} good for {c}
is {t} right for me
is there a treatment for {c}
is there a treatment for {c} on the {b}
is there anything for {c}
is there anything you can do about {c}
is there something for my {b}
are there treatments for {c}
are there treatments for my {b}
are there any side effects of {t}
I have {c}
I have {c} and {c}
I have {c} on my {b}
I have {c} on my {b} and {b}
I have {c} around my {b}
I have {c} and would like to do something about it
I have {c} and I want to get rid of it
I have {c} since I was a teenager
I have {c} since my pregnancy
I have {c} in winter
I have had {c} for years
I have always had {c}
I have got {c}
I have a lot of {c}
I have a problem with {c}
I have a problem with my {b}
I have a wedding in three weeks
I get {c}
I get {c} when I shave
I suffer from {c}
I am bothered by {c}
I am unhappy with my {b}
I am not happy with my {b}
I am worried about {c}
I do not like my {b}
I don't like the {c} on my {b}
I hate my {c}
I hate the {c} on my {b}
I see {c} around my {b}
I would like to do something about {c}
I would like to do something about the {c} on my {b}
I would like to get rid of {c}
I would like to get rid of the {c} on my {b}
I would like to improve {c}
I would like to reduce {c}
I would like to remove {c}
I want to get rid of {c}
I want to get rid of my {c}
I want to get rid of the {c} around my {b}
I want to remove {c}
I want to look younger
I want to look less tired
I want smoother skin
I want my {b} to look better
I want my {b} to look natural
I want my {b} to look a little fuller
I want my {b} to be smoother and firmer
I want a smoother {b}
I want fuller {b}
my {b} is {d}
my {b} are {d}
my {b} is {d} and {d}
my {b} looks {d}
my {b} looks {d} and {d}
my {b} look {d}
my {b} is too {d}
my {b} feels {d}
my {b} gets {d} easily
my {b} has {c}
my {b} has lost its firmness
my {b} needs more glow
my {b} is full of {c}
my {b} are full of {c}
my {b} hurts
my {c} bother me
my {c} bothers me
my {c} make me look {d}
my {c} makes me look {d}
my {c} are getting worse
my {c} will not go away
the {c} on my {b} bother me
the {c} around my {b} make me look {d}
the {b} is {d}
the skin on my {b} is {d}
the skin around my {b} is {d}
the skin under my {b} is {d}
the lines between my eyebrows
I look {d}
I look {d} all the time
I look {d} because of my {c}
my face looks {d} before my wedding
please help me with {c}
please help me with my {b}
please tell me about {t}
please tell me more about {t} for the {b}
tell me about {t}
hello I would like {t}
hello I have {c}
hi I have {c} on my {b}
good morning I would like to book {t}
thank you
there are {c} on my {b}
there is too much hair on my {b}
I shave my {b} every day
shaving irritates my {b}
I want to remove the hair on my {b}
I want the hair on my {b} to be gone for good
I am {n} years old and I have {c}
I am {n} and my {b} is {d}
since I turned {n} my {b} is {d}
I lost a lot of weight and now my {b} is {d}
I had a baby and now I have {c}
after pregnancy I have {c} on my {b}
I clench my teeth and my jaw hurts
I grind my teeth at night
it is for my {b}
but I want it to look natural
but it does not go away
I have {c} and my {b} is {d}
I have {c} and my {b} are always {d}
I have {c} that does not go away
my {b} is {d} and I have {c}
my {b} are {d} and my {b} looks {d}
I am thinking about {t} but I am afraid of needles
I want a {d} {b} and a more even {b}
I would like a more even skin tone
it hurts and it is {d}
it does not go away with sport
it should look natural
without surgery
without needles
with a laser
I am afraid of needles
I have sensitive skin
"""
LOOKS = (
    *("tired", "angry", "sad", "old", "older", "dull", "dry", "oily", "red", "uneven", "rough"),
    *("loose", "saggy", "thin", "heavy", "puffy", "swollen", "sore", "sensitive", "flat", "grey"),
    *("blotchy", "itchy", "tight", "soft", "wrinkled", "shiny", "dehydrated", "irritated", "pale"),
    *("large", "big", "small", "full", "dark", "asymmetric", "clogged"),
)
AGES = ("twenty", "thirty", "forty", "fifty", "sixty", "thirty five", "forty five", "fifty five")
