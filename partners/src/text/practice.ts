/** The words of practice, on top of the app's own: fetched with its screens. */
import { texts } from '.';

export const practiceFr = {
  'practice.title': 'S’entraîner',
  'practice.what':
    'Montrez à l’équipe chaque réponse, sans ambassadeur. Rien n’est noté ni envoyé, et le compte du jour ne bouge pas.',
  'practice.end.self': 'L’exercice s’arrête tout seul après 15 minutes.',
  'practice.start': 'Commencer l’exercice',
  'practice.end': 'Terminer',
  'practice.ended': 'L’exercice est terminé : les scans comptent de nouveau.',
  'practice.band': 'EXERCICE',
  'practice.band.what': 'Rien n’est noté ni envoyé, même d’un vrai pass.',
  'practice.holder': 'Camille V., exercice',
  'practice.cases': 'Choisissez un cas',
  'practice.case.valid': 'Tout va bien',
  'practice.case.companions': 'Il faut une personne payante',
  'practice.case.already': 'Déjà passé aujourd’hui',
  'practice.case.quota': 'Avantage déjà utilisé',
  'practice.case.later': 'Pas donné aujourd’hui',
  'practice.case.several': 'Deux avantages au choix',
  'practice.case.booking': 'Réservation nécessaire',
  'practice.case.paper': 'Pass papier',
  'practice.case.paused': 'Pass en pause',
  'practice.case.old': 'Code trop ancien (photo d’écran)',
  'practice.case.shop': 'Un autre code (magasin, fidélité)',
  'practice.arrivals': 'À la porte d’un événement',
  'practice.case.expected': 'Sur la liste, avec une personne',
  'practice.case.elsewhere': 'Sur la liste d’un autre créneau',
  'practice.case.unlisted': 'Pas sur la liste',
  'practice.scan': 'Scanner un code d’exercice',
  'practice.sheet': 'La fiche d’exercice s’imprime depuis la page du lieu, au bureau de l’office.',
} as const;

type PracticeKey = keyof typeof practiceFr;

export const practiceEn: Readonly<Record<PracticeKey, string>> = {
  'practice.title': 'Practise',
  'practice.what':
    'Show the team every answer, without an ambassador. Nothing is noted or sent, and the count of the day stays as it is.',
  'practice.end.self': 'Practice ends by itself after 15 minutes.',
  'practice.start': 'Begin to practise',
  'practice.end': 'End',
  'practice.ended': 'Practice is over: scans count again.',
  'practice.band': 'PRACTICE',
  'practice.band.what': 'Nothing is noted or sent, not even of a real pass.',
  'practice.holder': 'Camille V., practice',
  'practice.cases': 'Choose a case',
  'practice.case.valid': 'All is well',
  'practice.case.companions': 'A paying person is needed',
  'practice.case.already': 'Already here today',
  'practice.case.quota': 'Benefit already used',
  'practice.case.later': 'Not given today',
  'practice.case.several': 'Two benefits to choose from',
  'practice.case.booking': 'A booking is needed',
  'practice.case.paper': 'Paper pass',
  'practice.case.paused': 'Pass paused',
  'practice.case.old': 'Code too old (a screenshot)',
  'practice.case.shop': 'Another code (shop, loyalty card)',
  'practice.arrivals': 'At the door of an event',
  'practice.case.expected': 'On the list, with a guest',
  'practice.case.elsewhere': 'Expected at another time',
  'practice.case.unlisted': 'Not on the list',
  'practice.scan': 'Scan a training code',
  'practice.sheet': 'The training sheet is printed from the venue’s page at the office’s desk.',
};

export const t = texts.also<PracticeKey>({ fr: practiceFr, en: practiceEn });
