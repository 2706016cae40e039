/** The sentences of the kit's own components. An app spreads these into its own catalogues. */
import type { Catalogue, Lang } from './lang';

export const kitFr = {
  'kit.language': 'Langue',
  'kit.update.ready': 'Une nouvelle version est prête.',
  'kit.update.apply': 'Mettre à jour',
  'kit.update.later': 'Plus tard',
} as const;

export type KitKey = keyof typeof kitFr;

export const kitEn: Catalogue<KitKey> = {
  'kit.language': 'Language',
  'kit.update.ready': 'A new version is ready.',
  'kit.update.apply': 'Update now',
  'kit.update.later': 'Later',
};

export const kitTexts: Readonly<Record<Lang, Catalogue<KitKey>>> = { fr: kitFr, en: kitEn };
