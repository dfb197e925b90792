// The words the built-in grammar knows. Plain data: add a word, run `npm run perf -- target-reasoning`.

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Verbs whose direct object the robot takes hold of or acts on. */
export const GRASP_VERBS = words(`
  pick grasp grab take lift hold get fetch bring remove move put place slide push pull drag stack hang insert flip
  upright topple knock fold unfold reach raise carry transfer relocate return retrieve collect gather throw toss drop
  squeeze shake rotate turn tip roll give hand pass store stow load unload set lay leave position deposit shift
  reposition use plug unplug unscrew tilt swap lower spread straighten clear keep stand dump arrange rearrange sort twist
  screw spin nudge attach detach connect disconnect mount tuck stash discard seize clasp clutch yank haul relocate extract dunk route
  separate align grip pluck select choose deliver shove scoot slip drape wrap bury pile line nest
`);

/** Verbs that name what is done to something without anybody taking hold of it. */
export const OTHER_VERBS = words(`
  open close shut press wipe sweep pour stir clean scrub dust touch tap cut slice chop scoop swipe unzip zip navigate go
  walk trot pace bound create make build layout wash dry cook heat turn-on turn-off switch toggle search find look
  point approach unlock lock mix sprinkle season peel spray hit draw write play dip cover uncover
`);

/** Particles that belong to the verb: "pick up", "take off". */
export const PARTICLES = words(`up out off down over away back aside upright`);

export const DETERMINERS = words(
  `the a an this that these those some any every each both either neither all one two three four my your its his her their another`,
);

/** A noun phrase ends before these. */
export const PREPOSITIONS = words(`
  on onto in into inside to toward towards near nearby next from of off out at by beside besides behind under
  underneath beneath above below over between among around across against along through with without within upon
  atop for before after until beyond past via away as
`);

/** Side words: adjectives before a noun ("the left mug"), the end of a noun phrase after one ("the mug left of it"). */
export const SIDES = words(
  `left right top bottom front back middle center centre upper lower rear far near side edge corner inner outer diagonally`,
);

export const ADVERBS = words(`
  then again here there together apart upright upside sideways forward forwards backward backwards vertically
  horizontally vertical horizontal directly slightly partly closer clockwise counterclockwise anticlockwise away down up over first now please so such still which who where that
  while it them when because is are was were touching standing lying sitting placed located both simultaneously
`);

export const CONJUNCTIONS = words(`and or then but`);

export const COLOURS = words(`
  red green blue yellow orange purple pink black white grey gray brown silver golden gold violet cyan magenta beige
  teal turquoise maroon tan cream navy dark light transparent clear
`);

/** Things that stay where they are: never a target to grasp. */
export const FIXTURES = words(`
  drawer drawers door doors fridge refrigerator freezer oven microwave cabinet cabinets cupboard faucet tap lever stove
  burner switch knob dial button buttons table tabletop desk counter countertop sink shelf dishwasher washer machine
  flap flaps window wall floor valve outlet wardrobe handle handles stovetop cooktop light lights hob
`);

/** Names for anything and nothing: no detector can look for them. */
export const UNSPECIFIC = words(`
  it them this that these those something anything everything nothing object objects thing things item items stuff
  one ones other others half place position left right top bottom front back middle center centre side edge corner
  forward forwards backward backwards still leg legs arm arms hand hands gripper effector goal robot way motion task
  whatever whichever frames video tower laundry search space area laundries surface yourself up down end
`);

/** Words of materials, sizes and shapes that stand before a noun; used to split words run together. */
export const ADJECTIVES = words(`
  stuffed small large big tiny long short tall round square flat empty full metal metallic plastic wooden paper glass
  steel ceramic sweet hot cold soft hard open closed
`);

/** Nouns of robot tasks, brands included; spelling is corrected towards these and words run together split into them. */
export const NOUNS = words(`
  almond almonds apple apples avocado bag bags ball balls banana bananas basket baskets bear battery batteries bean beans
  beaker bell berry biscuit block blocks blender blueberry board book books bottle bottles bowl bowls box boxes bread
  brick broccoli broom brush bucket bunny burger butter cable caddy cake calculator can candle candy cans canister cap
  capsicum card cards carrot carrots cereal charger cheese cherry chicken chip chips chocolate clamp cloth clothes cloths
  coaster coffee coke cola colander container containers cookie cookies corn corncob cover crab cream croissant cube cubes
  cucumber cup cups cushion cutlery cylinder detergent disc dish dishes disinfectant dog doll donut dressing drumstick duck
  duster egg eggplant eggs elephant envelope eraser fan fanta faucet fish flower foil food fork forks fruit fryer frypan
  garlic giraffe glass glasses glove glue grape grapes hammer hat helmet jar jalapeno jello jug juice kadai kettle key keys
  keyboard ketchup kitty knife knives ladle lamp laptop lemon lemonade lettuce lid lids lime lighter magnet mango marker
  markers meat medicine milk mitten mouse muffin mug mugs mushroom napkin napkins notebook nut oatmeal onion orange oranges
  pan pans paper paste peach peanut pear pears peas pen pencil pencils pens pepper peppers pepsi phone pickle pie pig pillow
  pineapple pitcher pizza plate plates plier plum pot potato potatoes pots pudding pumpkin puzzle rabbit rack radish rag
  rags ramekin ranch remote ribbon rice ring rod rods rope ruler salad salt sandwich sauce saucer scissors scoop screw
  screwdriver shampoo sheep sheet shirt shoe shoes silverware soap sock socket socks soda soup spatula speaker sponge sponges
  spoon spoons spray sprite squash squeezer stapler steak stick sticks straw strainer strawberry string sugar sushi tape tea
  teapot tiger tin tissue toast toaster tomato tomatoes tongs toothbrush toothpaste towel towels toy toys train tray trays
  tube turkey turnip umbrella utensil utensils vase vegetable vegetables vessel vessels wallet watch watermelon whisk wine
  wire wok wrapper wrench yogurt yoghurt zucchini redbull rxbar 7up chefmate dumbbell cone canned good goods bullet
`);

/** Politeness and subjects before an imperative: "please", "can you", "the robot should". */
export const OPENERS = words(
  `please can could would will you should must robot arm hey ok okay now i we want like need to go try and just let lets us the
  first next finally also so`,
);

/** What a sentence says of its subject to ask for it to be moved: "the banana goes …", "the pepper should be placed …". */
export const WISHES = words(`goes go belongs belong should must shall needs need has have is are gets`);

/** Nouns that pass on to what follows their "of": "the positions of the red mug and the blue mug". */
export const POSSESSIONS = words(`position positions place places location locations order`);

/** Words in -ing and -ed after a noun that are nouns themselves. */
export const PARTICIPLE_NOUNS = words(
  `spring wing king ceiling clothing packing stuffing icing frosting filling topping earring building seed weed sled shed`,
);

/** What is done with a tool: the tool follows "with". */
export const TOOL_VERBS = words(`wipe sweep clean stir scrub cut slice chop dust scoop brush mix hit spread`);

/** Verbs after which a place tells which object is meant, not where it goes. */
export const PICK_VERBS = words(
  `pick grasp grab take lift hold get fetch bring remove retrieve collect raise reach use`,
);

/** Heads that keep their "of": "piece of bread". */
export const MEASURES = words(
  `piece slice bottle cup can bag box glass bowl pair pack packet bunch roll bar carton jar loaf block ball sheet stick`,
);

/** Words in -ly that are no adverbs. */
export const LY_NOUNS = words(`jelly fly lily assembly butterfly ply curly`);
