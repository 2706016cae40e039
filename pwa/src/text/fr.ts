/** The ambassador's app in French. Few words, whole sentences, the office's own vocabulary. */
import { kitFr } from '@estran/kit/text/kit-texts';

export const fr = {
  ...kitFr,
  app: 'Pass ambassadeur',
  'app.demo': 'Démonstration : avantages fictifs.',
  'app.nav': 'Navigation principale',
  'app.waiting': 'Un instant…',
  'app.cancel': 'Annuler',
  'app.retry': 'Réessayer',
  'app.needsNetwork': 'Pas de réseau en ce moment : ces informations ne peuvent pas s’ouvrir. Réessayez plus tard.',
  'nav.pass': 'Mon pass',
  'nav.benefits': 'Avantages',
  'nav.account': 'Mon compte',

  'offline.title': 'Pas de réseau',
  'offline.body':
    'Une connexion est nécessaire une première fois, pour mettre votre pass sur cet appareil. Ensuite, il s’ouvre même sans réseau.',
  'offline.page': 'Cette page a besoin du réseau. Votre pass, lui, s’ouvre toujours sur l’appareil où vous l’avez mis.',

  'signIn.title': 'Bienvenue',
  'signIn.pageTitle': 'Connectez-vous',
  'signIn.page': 'Cette page parle de vous : il faut d’abord vous connecter. Votre pass n’en dépend pas.',
  'signIn.lead': 'Indiquez votre adresse e-mail : vous recevrez un e-mail avec un code à 6 chiffres.',
  'signIn.email': 'Votre adresse e-mail',
  'signIn.emailHint': 'Celle que l’office connaît. Exemple : camille@exemple.fr',
  'signIn.send': 'Recevoir mon code',
  'signIn.emailWrong': 'Écrivez une adresse complète, par exemple camille@exemple.fr',
  'code.title': 'Votre code',
  'code.lead':
    'Si cette adresse est celle d’un ambassadeur, un e-mail est parti vers {email}. Il arrive en une minute ou deux.',
  'code.withheld':
    'Plusieurs e-mails ont été demandés pour {email} depuis une heure : aucun nouveau n’est parti. Saisissez le code du plus récent, si vous l’avez demandé sur cet appareil.',
  'code.withheldCall': 'Sinon, appelez l’office : il peut vous dicter un code, à saisir ici.',
  'code.notResent': 'Aucun nouvel e-mail n’est parti.',
  'code.label': 'Code à 6 chiffres',
  'code.hint': 'Vous pouvez aller lire l’e-mail, puis revenir ici. Regardez aussi dans les courriers indésirables.',
  'code.enter': 'Continuer',
  'code.resend': 'Renvoyer un e-mail',
  'code.resent': 'Un nouvel e-mail est parti.',
  'code.other': 'Changer d’adresse',
  'code.mailbox': 'Voir les e-mails de la démonstration',
  'code.short': 'Le code compte 6 chiffres.',
  'code.wrong': 'Ce code n’est pas le bon. Vérifiez-le dans le dernier e-mail reçu.',
  'code.ended': 'Ce code n’est plus valable. Demandez un nouvel e-mail.',
  'code.tooMany': 'Trop d’essais avec ce code. Demandez un nouvel e-mail.',
  'error.tooFast': 'Trop de demandes à la fois. Attendez une minute, puis réessayez.',
  'error.network': 'Pas de réponse : vérifiez votre connexion, puis réessayez.',
  'error.other': 'Cela n’a pas fonctionné. Réessayez dans un instant ; si cela continue, l’office peut vous aider.',
  'error.signedOut': 'Vous n’êtes plus connecté. Connectez-vous, puis réessayez.',

  'put.title': 'Bonjour {name}',
  'put.lead':
    'Votre pass se trouve sur un seul appareil à la fois. Il s’ouvre ensuite sans réseau et sans mot de passe.',
  'put.onDesk':
    'Ceci semble être un ordinateur. Pour emporter votre pass, ouvrez plutôt {address} sur votre téléphone.',
  'put.do': 'Mettre mon pass sur cet appareil',
  'put.moves': 'Votre pass est aujourd’hui sur un autre appareil : {device} (depuis le {day}). Il n’y marchera plus.',
  'put.movesDo': 'Oui, le mettre sur cet appareil',
  'put.here': 'Votre pass est déjà sur cet appareil.',
  'put.show': 'Voir mon pass',
  'put.anotherDevice': 'un autre téléphone',
  'put.unsupported':
    'Ce navigateur ne peut pas garder un pass en sûreté. Essayez avec un navigateur à jour, hors navigation privée.',
  'put.later': 'Se déconnecter',
  'put.unsigned':
    'Une seule chose avant votre pass : lire le manifeste du club, puis le signer. Cela prend quelques minutes.',
  'stranger.title': 'Pas de pass à cette adresse',
  'stranger.body': 'Cette adresse n’est pas celle d’un ambassadeur. Connectez-vous avec celle que l’office connaît.',
  'stranger.other': 'Changer d’adresse',
  'not.begunTitle': 'Encore un peu de patience',
  'not.begun': 'Votre mandat d’ambassadeur n’a pas encore commencé. Votre pass sera prêt le premier jour.',
  'not.begunOn': 'Votre mandat commence le {day}. Votre pass sera prêt ce jour-là.',
  'not.endedTitle': 'Votre mandat est terminé',
  'not.ended': 'Merci pour tout ce que vous avez fait connaître. Pour un nouveau mandat, parlez-en à l’office.',
  'not.pausedTitle': 'Votre pass est en pause',
  'not.paused': 'L’office peut vous dire pourquoi, et le remettre en route.',
  'not.uncertifiedTitle': 'Il manque votre certificat',
  'not.uncertified':
    'Le club demande un certificat d’ambassadeur, et l’office n’en a pas de valable à votre nom. Il vous dira comment l’obtenir ; votre pass sera prêt aussitôt.',

  'pass.title': 'Mon pass',
  'pass.kind': 'Pass ambassadeur',
  'pass.until': 'Valable jusqu’au {day}',
  'pass.opens': 'Voir les lieux qu’il ouvre ({n})',
  'pass.qr': 'Code QR de votre pass. Présentez cet écran au scanner du lieu. Le code change toutes les 15 secondes.',
  'pass.qrOpen': 'Code QR de votre pass. Démonstration : ouvrir le scanner avec ce code, dans un nouvel onglet.',
  'pass.demoHint': 'Touchez le code pour jouer le rôle du lieu, dans un nouvel onglet.',
  'pass.drawing': 'Le code se prépare…',
  'pass.noDraw': 'Le code ne peut pas être dessiné sur cet appareil. Remettez votre pass depuis « Mon compte ».',
  'pass.news': 'Dernières nouvelles de l’office : {ago}',
  'pass.clockOff':
    'L’heure de ce téléphone a {span} d’écart. Le code en tient compte ; mieux vaut choisir l’heure automatique dans les réglages.',
  'pass.still': 'Arrêter le mouvement de l’eau',
  'pass.unknown':
    'L’office ne reconnaît plus ce pass. Connectez-vous pour le remettre sur cet appareil, ou parlez-en à l’office.',
  'pass.ending': 'Plus que {n} jours de validité.',
  'pass.ending.one': 'Plus qu’un jour de validité.',
  'pass.lastDay': 'Dernier jour de validité.',
  'pass.toSign': 'Une nouvelle version du manifeste est à signer, au plus tard le {day}.',
  'pass.toSignNow': 'Le manifeste est à signer.',
  'pass.toRead': 'Le manifeste a un peu changé : il est à lire, quand vous voudrez.',
  'pass.renewal': 'Votre mandat se termine le {day}. Souhaitez-vous continuer ?',
  'stopped.expiredTitle': 'Votre pass a expiré',
  'stopped.expired':
    'Il était valable jusqu’au {day}. S’il est renouvelé, il revient ici tout seul dès que vous avez du réseau.',
  'stopped.revokedTitle': 'Votre pass n’est plus valable',
  'stopped.revoked': 'L’office y a mis fin, et peut vous dire pourquoi.',
  'stopped.suspendedTitle': 'Votre pass est en pause',
  'stopped.suspended': 'Il reprendra tout seul dès que l’office le remettra en route.',
  'stopped.replacedTitle': 'Votre pass est sur un autre appareil',
  'stopped.replaced': 'Il ne marche plus ici. Vous pouvez le faire revenir.',
  'stopped.again': 'Le remettre sur cet appareil',
  'stopped.check': 'Vérifier maintenant',
  'stopped.checked': 'Vérifié : rien de nouveau.',
  'stopped.unsignedTitle': 'Le manifeste est à signer',
  'stopped.unsigned': 'Votre pass attend seulement votre signature. Il revient tout seul dès que vous avez signé.',
  'stopped.sign': 'Lire et signer le manifeste',
  'stopped.uncertifiedTitle': 'Il manque votre certificat',
  'stopped.uncertified':
    'L’office n’a pas de certificat d’ambassadeur valable à votre nom. Il vous dira comment l’obtenir ; votre pass reviendra tout seul.',

  'benefits.title': 'Mes avantages',
  'benefits.lead': 'Présentez votre pass à l’accueil de ces lieux.',
  'benefits.none':
    'Aucun avantage n’est enregistré pour le moment. Dès que l’office en ajoute un, il arrive ici tout seul.',
  'benefits.paused': 'En pause en ce moment',
  'benefits.site': 'Site internet',
  'benefits.nothing': 'Pas d’avantage enregistré ici.',

  'told.tell': 'Dire ma visite',
  'told.waits': '{n} visites dites attendent d’être envoyées',
  'told.waits.one': 'Une visite dite attend d’être envoyée',
  'told.asks': 'Une visite que vous avez dite attend votre réponse',

  'account.signedOut': 'Vous êtes déconnecté. Votre pass reste sur cet appareil.',
  'account.installDo': 'Ajouter à l’écran d’accueil',
  'account.installIos':
    'Touchez Partager, puis « Sur l’écran d’accueil ». L’application installée a sa propre mémoire : connectez-vous et mettez-y votre pass.',
} as const;

export type Key = keyof typeof fr;
