/** The sentences of the kit's own components. An app spreads these into its own catalogues. */
import type { Catalogue, Lang } from './lang';

export const kitFr = {
  'kit.skip': 'Aller au contenu',
  'kit.language': 'Langue',
  'kit.about.accessibility': 'Accessibilité : non conforme',
  'kit.about.legal': 'Mentions légales',
  'kit.about.privacy': 'Vos données et vos droits',
  'kit.about.sitemap': 'Plan du site',
  'kit.apart': '(nouvel onglet)',
  'kit.update.ready': 'Une nouvelle version est prête.',
  'kit.update.apply': 'Mettre à jour',
  'kit.update.later': 'Plus tard',
  'kit.newer':
    'Ce que garde cet appareil vient d’une version plus récente. Rien n’est perdu. Ouvrez cette page avec du réseau pour la retrouver ; si ce message reste, appelez l’office.',
} as const;

export type KitKey = keyof typeof kitFr;

export const kitEn: Catalogue<KitKey> = {
  'kit.skip': 'Go to the content',
  'kit.language': 'Language',
  'kit.about.accessibility': 'Accessibility: not compliant',
  'kit.about.legal': 'Legal notice',
  'kit.about.privacy': 'Your data and your rights',
  'kit.about.sitemap': 'Site map',
  'kit.apart': '(new tab)',
  'kit.update.ready': 'A new version is ready.',
  'kit.update.apply': 'Update now',
  'kit.update.later': 'Later',
  'kit.newer':
    'What this device keeps comes from a newer version. Nothing is lost. Open this page with a connection to get that version; if this message stays, call the tourist office.',
};

export const kitTexts: Readonly<Record<Lang, Catalogue<KitKey>>> = { fr: kitFr, en: kitEn };
