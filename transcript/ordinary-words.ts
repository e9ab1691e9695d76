// Words that say nothing about what somebody speaks of. What is said everywhere in a lecture is found by counting; these are the ones
// that come and go with the way of speaking. English and German, the languages that are measured; others do with the counting.
const ORDINARY = new Set(
  (
    'about above actually after again against all almost already also although always and another any anybody anyone anything anyway anywhere are ' +
    'around ask asked away back basically because been before being believe below best better between bit both bring but call called came can ' +
    'cannot certain certainly clear clearly come comes coming could course day days did different does doing done down during each either else ' +
    'end enough especially even ever every everybody everyone everything exactly example fact far few fine first for form found four from full ' +
    'further gave general get gets getting give given gives giving goes going gonna good got great guess guys had half happen happened happens has ' +
    'have having hear heard hello help her here hers him his hmm hold how however idea important inside instead into its itself just keep kind ' +
    'kinda know known last later least leave left less let like little long look looked looking looks lot lots made mainly make makes making many ' +
    'matter may maybe mean means might mine moment more morning most move much must myself name near need needed needs neither never new next nice ' +
    'nobody none nor not nothing now number obviously often okay old once one ones only onto opinion other others our ours out over own part ' +
    'particular particularly people perhaps place please point possible pretty probably problem put question quite rather real really reason regard ' +
    'remember right said same saw say saying says second see seem seems seen sense set several shall she should show side similar simply since ' +
    'small some somebody somehow someone something sometimes somewhere soon sorry sort sorts start started still stuff such suppose sure take taken ' +
    'takes taking talk talked talking tell ten than thank thanks that the their theirs them themselves then there therefore these they thing things ' +
    'think thinking third this those though thought three through time times today together told too took toward towards tried try trying turn two ' +
    'type understand until upon use used uses using usually various very via wanna want wanted wants was watch way ways welcome well went were what ' +
    'whatever when where whether which while who whole whom whose why will with within without wonder word words work works would wrong yeah year ' +
    'years yep yes yesterday yet you your yours yourself mhm uhm hmmm ' +
    'aber alle allem allen aller alles als also andere anderen auch auf aus bei beim bin bis bisschen bitte dabei dadurch dafür dagegen daher damit ' +
    'danach dann daran darauf daraus darum darüber das dass davon dazu dein dem den denn der des deshalb dessen die dies diese diesem diesen dieser ' +
    'dieses doch dort drei durch eben eigentlich ein eine einem einen einer eines einfach einmal einige erst erste ersten etwa etwas euch euer fast ' +
    'für ganz ganze gar gegen gehen geht genau gerade gern gesagt gibt gleich gut habe haben hallo hat hatte heute hier hinter ich ihm ihn ihnen ihr ' +
    'ihre immer ins irgendwie ist jede jedem jeden jeder jedes jemand jetzt kann kein keine keinen klar kommen kommt kurz lassen machen macht mal man ' +
    'manchmal mehr mein meine mich mir mit mögen möchte morgen muss müssen nach natürlich neben nehmen nein nicht nichts nie noch nun nur ohne oder ' +
    'okay paar quasi recht sache sachen sagen sagt schon sehen sehr sein seine seit selbst sich sie sind soll sollen sollte sondern sonst sowie ' +
    'sozusagen teil tun über überhaupt und uns unser unter viel viele vielen vielleicht vier vom von vor wann war waren warum was weil weiter welche ' +
    'welchen welcher welches wenig wenn wer werden wie wieder will wir wird wirklich wissen worden wurde wurden zeit ziemlich zum zur zwar zwei zwischen'
  ).split(' '),
);

/** Whether a lower-case word says nothing about a topic; so do words with an apostrophe, English contractions. */
export function isOrdinaryWord(word: string): boolean {
  return ORDINARY.has(word) || /['’]/u.test(word);
}
