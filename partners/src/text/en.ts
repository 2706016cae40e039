import { kitEn } from '@estran/kit/text/kit-texts';
import type { Catalogue } from '@estran/kit/text/lang';
import type { Key } from './fr';

export const en: Catalogue<Key> = {
  ...kitEn,
  'app.name': 'Pass scanner',
  'app.demo': 'Demonstration: fictional benefits.',
  'head.word': 'Word: {word}',
  'head.count.none': '0 entries today',
  'head.count.one': '1 entry today',
  'head.count': '{n} entries today',

  'pair.title': 'Pair this scanner',
  'pair.what':
    'This scanner checks ambassadors’ passes, even without a connection. It has to be paired with a venue first.',
  'pair.pass.title': 'This is an ambassador’s pass',
  'pair.pass.what':
    'A pass is read with the scanner of a partner venue. This device is not paired with any: it shows neither name nor answer.',
  'pair.pass.ask': 'Do you work at a partner venue? Pair this device below.',
  'pair.demo': 'Demonstration: pair this browser',
  'pair.how': 'The pairing code is on the venue’s poster; otherwise, the tourist office gives it to you.',
  'pair.code': 'Pairing code (required)',
  'pair.code.hint': '8 characters, like ABCD-2345',
  'pair.code.scan': 'Scan the QR code',
  'pair.code.aim': 'Hold the poster’s QR code inside the frame.',
  'pair.code.scan.stop': 'Stop the camera',
  'pair.code.read': 'Pairing code received.',
  'pair.code.other': 'This code is not a pairing code.',
  'pair.label': 'Name of this device (required)',
  'pair.label.hint': 'To recognise it. Example: “Front desk tablet”',
  'pair.word': 'The scanner’s word (required)',
  'pair.word.hint': '3 to 20 letters, chosen by your team. It is always on screen: a screen without it is not yours.',
  'pair.go': 'Pair',
  'pair.busy': 'Pairing…',
  'pair.again': 'This scanner is paired with {venue}. Pairing again keeps the entries that are waiting to be sent.',
  'pair.keep': 'Keep the present pairing',
  'pair.error.code': 'Write the 8 characters of the code.',
  'pair.error.label': 'Give this device a name of at most 40 characters.',
  'pair.error.word': 'Choose a word of 3 to 20 letters, without spaces or digits.',
  'pair.error.unknown': 'There is no such code. Check it, or ask the tourist office for another one.',
  'pair.error.ended': 'This code is no longer in use. Ask the tourist office for another one.',
  'pair.error.rooms': 'This venue has 10 scanners already. The tourist office can cut one off.',
  'pair.error.waiting':
    'Too many scanners are already waiting to be accepted for this venue. Ask the tourist office for a one-time code: it pairs at once.',
  'pair.error.many': 'Too many tries. Wait a few minutes.',
  'pair.error.network': 'No connection. Pairing needs one, just once.',
  'pair.error.other': 'Pairing did not work ({code}). Try again.',
  'pair.ios':
    'On iPhone and iPad, first add this page to the home screen (Share, then “Add to Home Screen”) and pair from there: otherwise the device forgets the scanner after about 7 days without a visit.',

  'pending.title': 'Waiting for the tourist office',
  'pending.what':
    'This scanner has asked to join {venue}. It will be ready as soon as the office, or the venue’s manager, accepts it with one click.',
  'pending.label': 'They know it by its name and its word:',
  'pending.ask': 'Ask again',
  'pending.asking': 'Asking…',
  'pending.still': 'Not accepted yet. It tries again by itself.',
  'pending.offline': 'No connection. It tries again by itself.',

  'wiped.title': 'Scanner erased',
  'wiped.what': 'Everything was sent to the tourist office and this device has kept nothing. To start again, pair it.',

  'scan.camera.start': 'Open the camera',
  'scan.camera.starting': 'Opening the camera…',
  'scan.camera.paused': 'The camera is off.',
  'scan.camera.refused':
    'The camera is not allowed. Allow it for this site in the browser’s settings, or use the field below.',
  'scan.camera.absent': 'No camera on this device. Use the field below or a barcode reader.',
  'scan.camera.busy': 'Another application uses the camera. Close it, then try again.',
  'scan.camera.broken': 'The camera cannot read codes here. Use the field below.',
  'scan.camera.view': 'Camera picture',
  'scan.torch.on': 'Light on',
  'scan.torch.off': 'Light off',

  'state.news': 'News from the tourist office: {ago}.',
  'state.news.none': 'No news from the tourist office yet.',
  'state.queue.one': '1 item is waiting.',
  'state.queue.n': '{n} items are waiting.',

  'error.part':
    'The scanner has not arrived whole. It needs a connection once: connect the device, then reload the page.',
  'error.reload': 'Reload the page',
  'error.storage': 'This browser keeps nothing (private browsing?). The scanner cannot work here.',
  loading: 'Opening…',
};
