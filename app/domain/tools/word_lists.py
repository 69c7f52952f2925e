"""Words that tell a request for a treatment from talk of other things, sorted by hand.

A word of the catalogue is never looked up here: what an organization offers is its own business.
"""

from app.domain.tools.stems import stem

# The glue of English sentences.
GLUE_WORDS = """
a about above across after again against ago all almost alone along already also although always
am among an and another any anybody anymore anyone anything anyway are aren arent around as aside
at away be became because become been before behind being below beside besides between beyond both
but by can cannot cant could couldn couldnt did didn didnt do does doesn doesnt doing don done
dont down during each either else enough especially etc even ever every everybody everyone
everything everywhere except few first for from further get gets getting give given go goes going
gone gonna got had hadn has hasn hasnt have haven havent having he hello help her here hers
herself hey hi him himself his how however i id if ill im in instead into is isn isnt it its
itself ive just kind keen know knows last least less let lets like likes little ll lot lots made
make makes making many may maybe me mean might mine more most mostly much must my myself near need
needed needs neither never next no nobody none nor not nothing now of off often ok okay on once
one ones only onto or other others our ours ourselves out over own per perhaps please pls plz
possible pretty probably put quite rather re really same say says see seem seems several shall she
should shouldn since so some somebody somehow someone something sometimes somewhere soon sort
sorry still stuff such sure take taken than thank thanks that thats the their them themselves then
there theres these they theyre thing things this those though through thru till to together too
toward towards two u under until up upon ur us use used using usually ve very via want wanted
wants was wasn wasnt way we well went were what whatever whats when where whether which while who
whole whom whose why will with within without won wont would wouldn wouldnt yes yet you your yours
yourself three four five six seven eight nine ten twelve twenty thirty forty fifty sixty seventy
"""

# What people tell around their request: themselves, time, feelings, visits to a clinic.
STORY_WORDS = """
accident able absolutely accept achieve alternative alternatives actual add advice advise afraid
afternoon age aged ageing aging ago allow amount angry annoy annoyed annoying answer anti anxious
appear appearance appointment appreciate area areas asap ask attention attractive autumn available
average avoid awake aware awful awkward baby bad badly base basically beautiful beauty beforehand
begin believe best better big birth birthday bit book booking born bother bothered bothers
boyfriend bride bridal brief bring brother budget busy buy call camera care career careful case
cause caused causing celebrate change changed cheap check child childhood children choice choose
christmas clearly client clinic clock close closer colleague come comfortable comment common
complain completely concern concerned condition confidence confident consider consult consultation
contact cosmetic cosmetics cost costs counter couple course cover covered cream creams cross
currently daily dark date daughter day days deal decade decide definite definitely delivery depend
describe desperate develop diet different difference difficult disappear discuss disturb doctor dr
downtime drastic dream dress drop early ease easily east eat effect effective embarrass
embarrassed embarrassing end english enjoy ensure entire especially event exactly example exercise
existing expect expensive experience expert explain express expression extra extreme extremely
fairly fall family famous far fast favourite fear feel feeling feels felt female fifties fiance
fiancee fill finally find fine finish fit fix follow forever form former forties forward free
frequent friend friends fully fun future gay genetic genetics gentle genuinely gently girl
girlfriend girls giving glad good goes gorgeous gotten graduation gran grandma grandmother great
grew group grow grown grows guess guy guys gym half happen happened happens happy hard hardly hate
health healthy hear heard heavily heavy hello help helped helpful hide hiding high hit holiday
holidays home honest honestly hope hoping hormone hormones hour hours house huge hurt hurts
husband idea ideal ideally imagine important improve improved improvement inherit instant insta
interested issue issues january february march april june july august september october november
december job keep keeps kid kids kind late lately later law lead learn leave leaves leaving left
life lifestyle live lived lives local long longer look looked looking looks lose losing loss lost
love low lunch lunchtime maintain major make makeup male man married match maternity matter
matters maximum meet meeting men menopausal menopause mention method mid mild mind minimal minor
minute minutes mirror miss mix model moment monday money month monthly months morning mother move
mum mom mummy name natural naturally neat negative nervous new news nice night noon normal notice
noticeable noticed number obvious obviously occasion office old older online open opinion option
options order original outside overall overnight owner pack paid painful painless parent parents
part partner party past patient pay people perfect perfectly period permanent permanently person
personal phone photo photos pick picture pictures place plan play pleased point poor popular post
postpartum prefer preferably pregnancy pregnancies pregnant prep prepare present pressure prevent
prevention preventative previous price prices private problem problems procedure procedures
product products professional proper properly pull quick quickly quit quiet quote radical raise
rarely reach read ready real realistic realise reason reasonable recent recently recommend
recommendation reduce reduced reduction regain regime regular regularly relax relaxed relaxing
remedy remain remember remove removed removal removing repair repeat replace require rest rested
restore result results return returned right routine run sad safe sale saturday save scared school
season second seek seen self selfie selfies selfconscious sense serious seriously session sessions
severe shape share short show showing shows shrink sick side sides simple simply single sister sit
situation size skincare slight slightly slow small smooth social soft soften solution solve son
sound special specific spend spring stage start started starting starts stay stays step stop
stopped stops story stress stressed strong struggle struggling stubborn style subtle success
suddenly suffer suffered suffering suggest suggestion suit suitable summer summertime sunday super
support suppose surgery surgical non surgical nonsurgical surprised switch talk target tell
terrible therapy think thinking thought tiny tired today told tomorrow tonight total totally touch
tough travel treat treated treating treatment treatments tried trouble true trust try trying
tuesday turn turned turns twelve twenties twice type typical ugly unattractive unhappy unsure
upset useful usual various version visible visit wake wait walk watch wear wearing wedding
wednesday week weekend weeks weight weird welcome wife winter wise wish woman women wonder
wondering word work worked working works world worry worried worse worst worth wrong year years
yesterday young younger youthful zero thirties teens teen teenage teenager teenagers adult men's
women's ladies lady mens womens aunt uncle colleagues boss zoom video mirror age aging look alike
looking forward lift lifted bounce back appointment quote cost enquiry enquire inquiry question
questions wondering curious afford affordable discount offer offers package packages gift voucher
nhs private insurance spontaneous ongoing constantly constant permanently temporary temporarily
lasting lasts gradually sudden noticing noticeably prone tend tends tendency suited skins type
types fitzpatrick hi hiya dear regards cheers xx xxx lol omg thx ty btw rid sore ache itchy itch
itching swollen grind clench lately tight tighten tightening horrible horribly shift shifting
budge gorgeous perfect flawless slim slimmer fit fitter skinny squint smile smiling laugh laughing
sleep sleeping stand hang hanging appears drink drinking smoke smoker smoking quit sunbathe
sunbathing sunbed sunbeds tan tanned tanning sunscreen spf
"""

# Places of the body say where, seldom what.
BODY_WORDS = """
abdomen abdominal ankle ankles arm arms armpit armpits back belly body bottom breast breasts brow
brows bum buttock buttocks calf calves cheek cheekbone cheekbones cheeks chest chin chins crotch
decolletage decollete ear earlobe earlobes ears elbow elbows eye eyebrow eyebrows eyelid eyelids
eyes face facial feet finger fingers flank flanks foot forearm forearms forehead groin hand hands
head heel hip hips jaw jawline knee knees leg legs lip lips midriff mouth neck nipple nipples nose
nostril nostrils rib ribs scalp shin shins shoulder shoulders skin stomach temple temples thigh
thighs throat thumb toe toes tongue tooth torso trunk tummy underarm underarms waist wrist wrists
"""

# Other people's trades: bodies, animals, machines, journeys, food, money, leisure.
ELSEWHERE_WORDS = """
abscess addiction adhd aid aids aligner allergic allergies allergy alzheimer ambulance amputate
anaemia anemia aneurysm angina antibiotic antibiotics anxiety appendicitis appendix arrhythmia
arthritis asthma astigmatism athlete autism autoimmune backache bacteria bite bites bladder bleed
bleeding bone bones bowel brace braces brain bronchitis bruise bunion bunions cancer cardiac
cardiologist cardiology cast cataract cataracts catheter cavities cavity celiac chemotherapy
chickenpox chiropractor cholesterol chronic circumcision clot clots coeliac cold colds colon
colonoscopy concussion congestion conjunctivitis constipation contraception contraceptive
contractions cough coughing covid cramp cramps crohns crown cyst cysts dandruff deaf dementia
dental dentist dentures depressed depression dermatitis diabetes diabetic diagnose diagnosis
diarrhea diarrhoea dialysis dislocated dizziness dizzy drug drugs earache earwax eczema embolism
emergency endoscopy endometriosis epilepsy erectile erection eyesight faint fainted fainting
fertility fever filling fillings flu fracture fractured fungal fungus gallbladder gallstones
gastric gastritis genital glaucoma glasses gout gum gums gynaecologist gynecologist haemorrhoid
haemorrhoids headache headaches hearing heart heartburn hemorrhoids hepatitis hernia herpes hiv
hives hospital hypertension hysterectomy immune impetigo implant implants impotence incontinence
indigestion infected infection infections infertility inflammation influenza inhaler injury
insomnia insulin intestine ivf jaundice joint joints kidney kidneys lactose laryngitis lasik lens
lenses leukaemia leukemia lice ligament limp liver lung lungs lupus lyme malaria measles
medication medications medicine meningitis migraine migraines miscarriage mole moles mri mumps
nausea nauseous nerve neurologist numbness nurse obstetrician ophthalmologist optician orthodontic
orthodontist orthopaedic osteoporosis ovarian ovary pacemaker pain pains painkiller painkillers
panic paracetamol paralysed parkinson pediatrician pharmacy phlegm physio physiotherapy piles pill
pills pneumonia poison poisoning pollen polyp posture prescription prostate psoriasis psychiatrist
psychologist psychotherapy pulse rabies radiology rehab rheumatism rib ringworm rupture ruptured
salmonella scabies scan schizophrenia sciatica seizure seizures shingles sinus sinusitis smear
snore snoring spine spinal sprain sprained sterilisation stitch stitches stroke sting stings
surgeon swab symptom symptoms tablet tablets tendon tendonitis tetanus thrombosis thrush thyroid
tinnitus tonsil tonsils toothache toothpaste transfusion transplant trauma tuberculosis tumor
tumour twisted ulcer ulcers ultrasound umbilical urinary urine urologist vaccinate vaccination
vaccinations vaccine vaccines vaginal varicose vasectomy vertigo veruca verruca virus vision
vitamin vitamins vomit vomiting wart warts wheelchair whitening whiplash womb worms wound wounds
wrist xray bald balding baldness alopecia toupee wig hairline hairdresser hairdressing haircut
haircuts barber blowdry perm braid braids dye highlights shampoo conditioner manicure pedicure
nail nails toenail toenails lash lashes eyelash eyelashes mascara microblading piercing piercings
tattoo tattoos massage sauna veneers rhinoplasty septum labiaplasty orthotics bmi keto calorie
calories fasting ozempic animal animals bird birds bull cat cats cattle cow cows dog dogs donkey
duck feather feathers ferret fish flea fleas fur goat goldfish hamster hen horse horses kitten
kittens kitty lamb leash leopard lizard monkey mouse mice parrot paw paws pet pets pig pony pup
puppies puppy rabbit rat rats reptile sheep snake spider spiders tick ticks tiger turtle vet
veterinary wolf zoo bee bees wasp insect insects ant ants mosquito crow airport aeroplane airline
airplane bike bicycle boat boot boots brake brakes bumper bus camper car caravan cars clutch coach
cruise diesel drive driver driving engine ferry flight flights fly flying fuel garage gearbox golf
honda toyota bmw ford hotel hotels journey lorry luggage motor motorbike motorcycle motorway mot
parking passport petrol pilot plane puncture rental roadmap sail sailing scooter ship station
subway taxi ticket tickets tourist traffic train trains tram transmission trip truck tyre tyres
tires tube van vehicle visa wheel wheels yacht rome paris london berlin madrid barcelona leeds
australia america africa india china japan turkey france germany spain italy europe bake baked
baking banana bananas bar barbecue bbq bean beans beef beer biscuit boil bread breakfast broccoli
butter cafe cake cakes candy carrot carrots cereal cheese chef chicken chips chocolate cider
coconut coffee cook cooked cooker cooking cookie cookies cucumber cuisine cup curry dessert dinner
dish dough drinks egg eggs flour food fork fridge freezer fried fries fry fruits garlic gin ginger
gluten grape grapes grill ham honey icing ingredients jam jelly juice kettle kitchen knife lasagne
lemon lemons lettuce lime limes mango marmalade mayonnaise meal meals meat melon microwave milk
mushroom mushrooms noodle noodles nut nuts onion onions orange oranges oven pancake pancakes pasta
pastry peanut pepper pie pineapple pizza plate pork potato potatoes pudding recipe recipes
restaurant rice roast salad salmon salt sandwich sauce sausage soup soy spaghetti spice spinach
steak stew strawberries strawberry sugar sushi tea toast tomato tomatoes vanilla vegan vegetable
vegetables vegetarian vinegar vodka waiter whisky whiskey wine yeast yoghurt yogurt app algorithm
android apple battery bluetooth browser bug cable camera charger chatgpt code coding computer
console crash css cursor database delete desktop disk download email error excel facebook file
files firewall firmware font gadget game games gaming gmail google gpu hack hacker hardware html
instagram install internet ios iphone ipad java javascript keyboard laptop linux login logout
macbook memory microsoft microphone modem monitor mouse netflix network nintendo password pdf
photoshop pixel playstation plugin pointer printer printers processor program programming
projector python recognition reset robot router samsung scanner script server sensor signal skype
software spotify spreadsheet sql statistics stream streaming sync tech telephone tiktok tv twitter
typing update upgrade upload usb user username virus web website whatsapp wifi windows wireless
word xbox youtube zip account accountant advert agency agent apply application army arrest art
article artist attorney auction audience author award bank banking bankrupt battle bill bills
bitcoin board bond bonds borrow broadband broker budgeting building business campaign capital cash
ceiling century ceo champion charity chemistry church city civil classes class coin college
committee company competition complaint concert conference congress constitution contract
copyright council country court credit crime criminal crypto culture currency customer customs
dance dancing deadline debate debt degree democracy deposit design designer development director
divorce document documents donate economy editor education elect election electric electrical
electrician electricity employ employee employer employment energy engineer engineering essay
estate evidence exam exams exhibition experiment factory farm farmer farming fashion father film
films finance financial fine fines fire fishing flag fleet football footballer foreign forest
fraud funeral furniture garden gardener gardening gas geography government governor grade grammar
grant guitar gun hall harvest heating highway history hobby homework hospitality household housing
import income industry inflation insurance insure interest interview invest investment invoice
island jewellery jewelry journal journalist judge jury justice kingdom labour lake landlord
landscape language latin laundry law lawn lawyer league lease lecture lecturer legal lesson
lessons letter library licence license limited literature loan lottery lyrics magazine mail
management manager manufacturer maps market marketing marriage math mathematics maths mechanic
media medieval member membership metal military minister mobile monarch mortgage mountain movie
movies museum music musical musician national nature navy neighbour newspaper novel nursery ocean
opera orchestra painter painting paint painted parcel parliament payroll pension philosophy
photography photosynthesis physics piano pipe plumber plumbing poem poems poet poetry police
policy politics political poll pollution population postage poster president prime printing prison
profit project property protest publisher quiz radio railway rain recipe recruitment referee
refund religion removals rent renting reporter republic research reservation resume revenue river
road rocket roof royal salary sales satellite science scientist sculpture sculptor sea secretary
seller semester shop shopping shops sing singer singing soccer society soldier song songs space
speech sport sports squad stadium star stars statistic stock stocks store storm street student
students studies study studying subscription supermarket supplier swim swimming syllabus talent
tax taxes teach teacher team technology television tenant tennis test tests textbook theater
theatre theory thesis timetable title tool tools tour tourism town toy toys trade trading train
trainer training transfer translate translation transport treasure tree trees trial tuition tutor
tv universe university valley venue verb victory village volleyball vote war warranty wash washing
weather wedding-dress whale wildlife wind window windows wood wooden workshop writer writing yoga
zoom cricket score scores goal rugby baseball basketball chess poker air attic basin bathroom
bathtub battery bed bedding bedroom bell blanket blinds bolt book bottle bowl box brick brush
bucket bulb cabinet candle carpet cement chair chimney clean-up closet clothes clothing coat
concrete couch cupboard curtain curtains cushion decking desk detergent door doors drain drawer
drill drawing draw duvet fabric faucet fence floor floors flower flowers gate glass glazing glue
grass gutter hammer hinge house jacket jar jeans jumper ladder lamp lock logo lounge mattress mop
mould mug needlework knitting sewing knit sew oven patio pen pencil pillow plant plants plastic
plug pond pool pot radiator rag room rooms rope rug rust sand saw scissors screen screw shed sheet
shelf shirt shoe shoes shower sink socket sofa soil spanner stain stains stairs stone stove
suitcase swimsuit table tank tap tape tile tiles timber toilet towel trousers tub tv vacuum
varnish vase wall wallpaper walls wardrobe waterproof wool zipper gold silver iron steel limo
picnic beach boots cold snow ski skiing camping tent beast dragon ghost joke jokes horoscope
zodiac lottery planet moon galaxy movie song war cutting limousine crossword sudoku puzzle sync
camera cheer cheering tickets saw email stamp opening marks-and-spencer documentary fleas bowling
hiking
"""

# Words of every trade, ours among them: alone, beside words that nobody knows, they prove little.
AMBIGUOUS_WORDS = """
acid ampoule asymmetric band bands barcode bat beer bikini bingo blocked body boobs boost border
bounce bow boxcar bra brazilian bright broken brown bubble bulge bump bunny burst c capillary
chapped chemical cherry clean cleanse cleansing clear coarse collagen colour combination
complexion contour contouring cool corner cover crack cracked crater creased crooked cross crow
cupid curve damage dark dead deep deflated dent derma despite dewy dimple diode dirt dirty
disappear dissolving double downturned drooping dry dull edge elasticity eleven enhance enlarged
event excess exfoliate extractions fat figure filler firm flat flip flush fold freeze fresh fruit
full furrow gel glow gray greasy growth gunk hair heavy hole hollywood horizontal hot hydrate
impurities inch induction injection injury inner intense irritation jowl knee large laser laugh
laughter layer leather led lifeless lift light line lines lipstick loose lumpy mark mask micro
moisture muffin muscle nd needle oclock oil open operation orange overactive oxygen pale pampering
party patch peach pebble peel peeling pick pigment pit plasma platelet plump pot pouch puffy pulse
pulsed pump razor red refresh relax renewal resurface rich ring rings roller rolling rough round
russian saddle saddlebags sag sculpt season section sensitive serum shadow shape shave shaving
shiny shrink signs slack slim smile smooth soft soprano spa spare spider spot square squint stem
stern stimulate stimulation strawberry stretch stripe structure sun sunken surface sweat symmetry
t tattoo tense texture thick thin thirsty thread threading tight tighten tone top toxin tuck
turkey tyre unclear undefined uneven upper vampire vein vertical vessel vi visible volume water
wax waxing weather weathered whisker white wide wing wobbly yellow young zone rash burn burnt
blood medical lump lumpy blister hole flat firm oil leathery
"""

# English, of no trade in particular, and so like a word of ours that it would be taken for a slip.
OTHER_WORDS = """
action alarm beach bear blank blob block bottle break browse bully chain character china chips
citation collate conform continue core create crown default delegate denote deviation direct drown
explanation fact fiction filter filthy finite flight float folder fragment friction front function
greedy handler headless heir hold holder indeed indication interaction intend intensive
introduction jelly junction killer king lager lay layer lie linear link linker liner log lookup
loop lotion macro making marina marker marker master mention mixture motion mount near needless
noise noodle notion observation opener operator parity path pause pearl permit phone pickle plot
poker pole port potion probe prop push racial reach redirection rejection remark remote
reproduction request respect restart retry role route said satellite saving scalar scarf segment
send shallow share shot simulate simulation slice slot social span spam spare sparse special split
sport spout sprinkle stack stone strength stride sum swap taxing teach tenth timed timezone tied
trick tuning twinkle underline vertex waiting waste watcher weaken widget cleanup deployment
connection collection increasing decreasing implementation deployment execution configuration
destination declaration duplication derivation exception exposition calibration continuation
compensation
"""

# Words that say the same of a face or a body; one stands for the other.
ALIKE_WORDS = """
big large enlarged huge massive|small tiny little|angry cross mad annoyed grumpy stern moody| sad
miserable unhappy|sag droop loose hang slack floppy droopy fall|wobble wobbly flabby jiggle jiggly
flab|vanish disappear gone|remove rid eliminate zap erase delete| red flushed ruddy pink rosy
crimson reddish redness|flush blush|brown dark tan darkened darker brownish| dull lifeless
lacklustre drab sallow|tired exhausted fatigued weary|brow eyebrow| tummy belly stomach abdomen
midriff paunch gut|underarm armpit|bum bottom buttock backside bottoms butt| chest decollete
decolletage cleavage|wrinkle line crease furrow crinkle fold| dent pit crater pockmark hole|blotch
patch splotch mottle blotchy| pimple zit|greasy oily shiny slick|flaky scaly flake|rough coarse
sandpaper| plump full volumise voluminous|thin narrow skinny|lopsided asymmetric asymmetrical
uneven crooked| tighten firm lift tone|smooth soften|renew rejuvenate refresh freshen fresh
revitalise rejuvenation| moisture moisturise hydrate hydration|thirsty dehydrated parched|dry
dried dryness| congested clogged blocked|dirt gunk dirty grime|vein vessel capillary|visible
broken burst| chubby fat flab pudgy podgy|shave razor|pluck tweeze tweezer|hairy hair|shift budge|
slim slimmer slender|reduce shrink lose|freckle freckly|pigment pigmentation| young youthful
younger|prevent preventative preventive|clench grind gnash grinder clencher|saddlebag saddle| spot
blemish|glow radiance luminous luminosity radiant glowing brighten brightness| moustache mustache
tash tache|flat flatten|soft soften|bright brighten|dark darken|light lighten|thick
thicken|symmetry symmetrical symmetric|beard whisker|stripe streak
"""

# Together these mean something that none of them means alone.
ELSEWHERE_PHRASES = """
hair loss|losing my hair|lose hair|lost my hair|hair falls out|hair is falling out|thinning
hair|thin hair|hair thinning|hair growth|grow my hair|grow hair|hair transplant|hair cut|cut my
hair|hair colour|colour my hair|hair dye|dry hair|frizzy hair|split ends|head hair|grey hair|hair
dryer|hair straightening|hair extensions|back pain|neck pain|knee pain| chest pain|eye
surgery|laser eye|laser correction|short sight|long sight|eye test|pink eye|nose job| boob
job|nose bleed|breast surgery|tummy ache|stomach ache|belly ache|belly dance|belly button
piercing| cold sore|cold sores|sore throat|ear wax|broken arm|broken leg|broken nose|broken
bone|broken tooth|broken finger|broken heart| spot the|face book|lip sync|lip reading|read
lips|line manager|fishing line|washing line|line dancing|line dance| fat cat|ip address|crow
bar|knitting needle|sewing needle|light bulb|spare tyre for|peeling paint| blood pressure|blood
test|blood sugar|head lice|face mask covid|tooth whitening|wisdom tooth|root canal| athletes
foot|ingrown toenail|ingrowing toenail|stretch limo|chin up|eyes red|eyes dry|red eyes|dry
eyes|itchy eyes|swollen eyes|eye infection|keep your chin up|weight loss drug|heart rate
"""

# Little words of other languages, none of them English.
FOREIGN_WORDS = """
de la le je tu il nous vous ils elles les des une aux dans avec pour sont suis mes mon ses sur pas
plus moi que qui quoi cette ces voudrais veux besoin bonjour merci et ou est ma ta du au peut
faire comment combien chez ich du er wir ihr sie der das und oder nicht ein eine einen meine
meinen mein mich mir ist sind haben habe wie was wo wann mit auf bei im den dem des zu zum zur fur
von wollen will mochte kann hatte gerne bitte danke guten yo tu el ella nosotros los las un una
unos del al para por con sin como que quien donde cuando quiero tengo necesito quitar quitarme me
mi mis su sus es son esta estoy muy mas hola gracias cuanto cuesta y io lui noi voi gli una dello
della delle degli nel nella con per sono ho vorrei voglio mio mia miei mie che come quando dove
grazie ciao il lo di da e eu ele ela nos voces os uma uns umas do da dos das na nas pelo pela com
meu minha meus minhas quero preciso tenho para nao sim obrigado ik jij hij wij zij het een van
mijn naar voor niet wil laten graag hoe wat met zijn heb jag du han hon vi och att det som inte
vill ha min mina mujhe mera mere meri apne apna hai hain hun hoon ka ki ke ko se mein nahi kya
kaise chahiye aur ben bir bu ve icin ile istiyorum nasil ja chce mam na sie jak co moj moja nie
quisiera lunares arrugas rides peau visage jambes taches levres epiler epilation haut gesicht
falten haare beine lippen entfernen entfernung flecken poren akne manchas cara piernas labios pelo
vello depilacion arrugas rughe viso pelle labbra gambe macchie rimpels huid gezicht benen haar
pelos pernas rosto rugas manchas pele
"""

# English, though it stands above or looks so.
BOTH_WORDS = """
me do as is in on so no to he an am at be my we us or if it you i a by of up all go will was man
men die hat war also den pour rides data mine son con more come sale an die plus dove van sin ha e
ma ou pele uma est et
"""


# English has taken these over, accents and all.
BORROWED_WORDS = """
cafe cliche creme decollete fiance fiancee naive protege
"""
BORROWED = frozenset(BORROWED_WORDS.split())


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


GLUE = _stems(GLUE_WORDS)
STORY = _stems(STORY_WORDS) - GLUE
BODY = _stems(BODY_WORDS)
ELSEWHERE = _stems(ELSEWHERE_WORDS) - GLUE - STORY - BODY
ENGLISH_WORDS = f"{BOTH_WORDS} {GLUE_WORDS} {STORY_WORDS} {BODY_WORDS} {ELSEWHERE_WORDS}"
FOREIGN = frozenset(w for w in FOREIGN_WORDS.split() if len(w) > 1) - frozenset(
    ENGLISH_WORDS.split()
)
# By their first and last words: "losing my hair" is (los, hair).
ELSEWHERE_PAIRS = tuple(
    dict.fromkeys(
        (stem(phrase.split()[0]), stem(phrase.split()[-1]))
        for phrase in " ".join(ELSEWHERE_PHRASES.split()).split("|")
    )
)
AMBIGUOUS = _stems(AMBIGUOUS_WORDS)
OTHER = _stems(OTHER_WORDS)


def _alike() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for group in ALIKE_WORDS.split("|"):
        stems = _stems(group)
        for each in stems:
            found[each] = found.get(each, frozenset()) | (stems - {each})
    return found


# stem -> the stems that may stand for it
ALIKE = _alike()


def kind_of(stem: str) -> str:
    """What a word of the catalogue is: a place of the body, a word of every story, a loose one that
    other trades use too, or its own."""
    if stem in BODY:
        return "body"
    if stem in STORY or stem in GLUE:
        return "story"
    return "loose" if stem in AMBIGUOUS or stem in ELSEWHERE else "own"
