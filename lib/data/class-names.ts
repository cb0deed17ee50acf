/** Names of the classes of larger data sets, in the order of their labels. */

/** fine_label_names.txt of the CIFAR-100 archive; underscores are spaces here. */
export const CIFAR_100_CLASSES: readonly string[] = (
  'apple, aquarium fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl, boy, bridge, bus, butterfly, camel, can, ' +
  'castle, caterpillar, cattle, chair, chimpanzee, clock, cloud, cockroach, couch, crab, crocodile, cup, dinosaur, dolphin, ' +
  'elephant, flatfish, forest, fox, girl, hamster, house, kangaroo, keyboard, lamp, lawn mower, leopard, lion, lizard, lobster, ' +
  'man, maple tree, motorcycle, mountain, mouse, mushroom, oak tree, orange, orchid, otter, palm tree, pear, pickup truck, ' +
  'pine tree, plain, plate, poppy, porcupine, possum, rabbit, raccoon, ray, road, rocket, rose, sea, seal, shark, shrew, skunk, ' +
  'skyscraper, snail, snake, spider, squirrel, streetcar, sunflower, sweet pepper, table, tank, telephone, television, tiger, ' +
  'tractor, train, trout, tulip, turtle, wardrobe, whale, willow tree, wolf, woman, worm'
).split(', ');

/** ImageNette's ten WordNet ids, which are its folders, and what they show; sorted by id, as everybody does. */
export const IMAGENETTE_CLASSES: readonly (readonly [id: string, name: string])[] = [
  ['n01440764', 'tench'],
  ['n02102040', 'English springer'],
  ['n02979186', 'cassette player'],
  ['n03000684', 'chain saw'],
  ['n03028079', 'church'],
  ['n03394916', 'French horn'],
  ['n03417042', 'garbage truck'],
  ['n03425413', 'gas pump'],
  ['n03445777', 'golf ball'],
  ['n03888257', 'parachute'],
];
