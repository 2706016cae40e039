import { kitFr } from '@estran/kit/text/kit-texts';

export const fr = {
  ...kitFr,
  'app.name': 'Scanner de pass',
  'app.demo': 'Démonstration : avantages fictifs.',
  'head.word': 'Mot : {word}',
  'head.count.none': '0 entrée aujourd’hui',
  'head.count.one': '1 entrée aujourd’hui',
  'head.count': '{n} entrées aujourd’hui',

  'pair.title': 'Associer ce scanner',
  'pair.what':
    'Ce scanner vérifie les pass des ambassadeurs, même sans réseau. Il doit d’abord être associé à un lieu.',
  'pair.pass.title': 'Ceci est un pass d’ambassadeur',
  'pair.pass.what':
    'Un pass se lit avec le scanner d’un lieu partenaire. Cet appareil n’est associé à aucun lieu : il ne montre ni nom, ni réponse.',
  'pair.pass.ask': 'Vous travaillez dans un lieu partenaire ? Associez cet appareil ci-dessous.',
  'pair.demo': 'Démonstration : associer ce navigateur',
  'pair.how': 'Le code d’association est sur l’affiche du lieu ; sinon, l’office vous le donne.',
  'pair.code': 'Code d’association (obligatoire)',
  'pair.code.hint': '8 caractères, comme ABCD-2345',
  'pair.code.scan': 'Scanner le code QR',
  'pair.code.aim': 'Placez le code QR de l’affiche dans le cadre.',
  'pair.code.scan.stop': 'Arrêter la caméra',
  'pair.code.read': 'Code d’association reçu.',
  'pair.code.other': 'Ce code n’est pas un code d’association.',
  'pair.label': 'Nom de cet appareil (obligatoire)',
  'pair.label.hint': 'Pour le reconnaître. Exemple : « Tablette de l’accueil »',
  'pair.word': 'Mot du scanner (obligatoire)',
  'pair.word.hint':
    'De 3 à 20 lettres, au choix de l’équipe. Il s’affiche toujours : un écran sans ce mot n’est pas le vôtre.',
  'pair.go': 'Associer',
  'pair.busy': 'Association…',
  'pair.again':
    'Ce scanner est associé à {venue}. L’associer de nouveau garde les entrées qui attendent d’être envoyées.',
  'pair.keep': 'Garder l’association actuelle',
  'pair.error.code': 'Écrivez les 8 caractères du code.',
  'pair.error.label': 'Donnez un nom à cet appareil, 40 caractères au plus.',
  'pair.error.word': 'Choisissez un mot de 3 à 20 lettres, sans espace ni chiffre.',
  'pair.error.unknown': 'Ce code n’existe pas. Vérifiez-le, ou demandez-en un autre à l’office.',
  'pair.error.ended': 'Ce code ne sert plus. Demandez-en un autre à l’office.',
  'pair.error.rooms': 'Ce lieu a déjà 10 scanners. L’office peut en couper un.',
  'pair.error.waiting':
    'Trop de scanners attendent déjà un accord pour ce lieu. Demandez à l’office un code à usage unique : il associe tout de suite.',
  'pair.error.many': 'Trop d’essais. Attendez quelques minutes.',
  'pair.error.network': 'Pas de connexion. L’association demande du réseau, une seule fois.',
  'pair.error.other': 'L’association n’a pas pu se faire ({code}). Réessayez.',
  'pair.ios':
    'Sur iPhone et iPad, ajoutez d’abord cette page à l’écran d’accueil (Partager, puis « Sur l’écran d’accueil ») et associez depuis là : sinon l’appareil oublie le scanner après environ 7 jours sans visite.',

  'pending.title': 'En attente de l’office',
  'pending.what':
    'Ce scanner a demandé à rejoindre {venue}. Il sera prêt dès que l’office, ou la personne responsable du lieu, l’aura accepté d’un clic.',
  'pending.label': 'On l’y reconnaît à son nom et à son mot :',
  'pending.ask': 'Demander de nouveau',
  'pending.asking': 'Question posée…',
  'pending.still': 'Pas encore accepté. Nouvel essai tout seul.',
  'pending.offline': 'Pas de connexion. Nouvel essai tout seul.',

  'wiped.title': 'Scanner effacé',
  'wiped.what':
    'Tout a été envoyé à l’office et cet appareil n’a plus rien gardé. Pour reprendre, associez-le de nouveau.',

  'scan.camera.start': 'Ouvrir la caméra',
  'scan.camera.starting': 'Ouverture de la caméra…',
  'scan.camera.paused': 'La caméra est éteinte.',
  'scan.camera.refused':
    'La caméra n’est pas autorisée. Autorisez-la dans les réglages du navigateur pour ce site, ou utilisez le champ ci-dessous.',
  'scan.camera.absent': 'Pas de caméra sur cet appareil. Utilisez le champ ci-dessous ou un lecteur à main.',
  'scan.camera.busy': 'La caméra est occupée par une autre application. Fermez-la, puis réessayez.',
  'scan.camera.broken': 'La caméra ne peut pas lire de code ici. Utilisez le champ ci-dessous.',
  'scan.camera.view': 'Image de la caméra',
  'scan.torch.on': 'Allumer la lampe',
  'scan.torch.off': 'Éteindre la lampe',

  'state.news': 'Nouvelles de l’office : {ago}.',
  'state.news.none': 'Aucune nouvelle de l’office pour l’instant.',
  'state.queue.one': '1 envoi attend.',
  'state.queue.n': '{n} envois attendent.',

  'error.part':
    'Le scanner n’est pas arrivé en entier. Il lui faut du réseau une fois : connectez l’appareil, puis rechargez la page.',
  'error.reload': 'Recharger la page',
  'error.storage': 'Ce navigateur ne garde rien (navigation privée ?). Le scanner ne peut pas travailler ici.',
  loading: 'Ouverture…',
} as const;

export type Key = keyof typeof fr;
