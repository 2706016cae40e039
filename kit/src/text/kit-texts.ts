/** The sentences of the kit's own components. An app spreads these into its own catalogues. */
import type { Catalogue, Lang } from './lang';

export const kitFr = {
  'kit.language': 'Langue',
  'kit.update.ready': 'Une nouvelle version est prête.',
  'kit.update.apply': 'Mettre à jour',
  'kit.update.later': 'Plus tard',
  'kit.newer':
    'Ce que garde cet appareil vient d’une version plus récente. Rien n’est perdu. Ouvrez cette page avec du réseau pour la retrouver ; si ce message reste, appelez l’office.',
} as const;

export type KitKey = keyof typeof kitFr;

export const kitEn: Catalogue<KitKey> = {
  'kit.language': 'Language',
  'kit.update.ready': 'A new version is ready.',
  'kit.update.apply': 'Update now',
  'kit.update.later': 'Later',
  'kit.newer':
    'What this device keeps comes from a newer version. Nothing is lost. Open this page with a connection to get that version; if this message stays, call the tourist office.',
};

export const kitTexts: Readonly<Record<Lang, Catalogue<KitKey>>> = { fr: kitFr, en: kitEn };
