/** Languages whose function words we know. Of words in others none is dropped. */
export const KNOWN_LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl'] as const;
export type KnownLanguage = (typeof KNOWN_LANGUAGES)[number];

// Question words and function words, folded as `toWords` folds: they are in every passage and say nothing about which one is meant.
export const STOP_WORDS: Readonly<Record<KnownLanguage, ReadonlySet<string>>> = {
  en: listOf(
    'a about after all also am an and any are as at be because been before being but by can could did do does doing for from had has have ' +
      'having he her here him his how i if in into is it its just me more most my no nor not of off on once only or other our out over own ' +
      's same she should so some such t than that the their them then there these they this those through to too up us very was we were what ' +
      'when where which while who whom whose why will with would you your',
  ),
  de: listOf(
    'aber alle als also am an auch auf aus bei beim bin bis da dann das dass dem den denn der des die dies diese diesem diesen dieser dieses ' +
      'doch du durch ein eine einem einen einer eines er es etwas fur gegen haben hat hatte ich ihm ihn ihr ihre im immer in ist ja kann kein ' +
      'keine konnen man mehr mir mit nach nicht noch nun nur ob oder ohne sehr sein sich sie sind so soll uber um und uns unter vom von vor ' +
      'war waren warum was weil welche welchem welchen welcher welches wenn wer werden wie wieder wir wird wo worden wurde wurden zu zum zur',
  ),
  fr: listOf(
    'a ai alors au aux avec bien c ce cela ces cet cette ceux comme comment d dans de des du elle elles en est et etaient etait ete etre eu ' +
      'fait ici il ils j je l la le les leur leurs lui m ma mais me meme mes moi mon n ne ni nos notre nous on ont ou par parce pas plus pour ' +
      'pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se ses si son sont sur t ta te tes toi ton tous tout tu un une vos ' +
      'votre vous y',
  ),
  es: listOf(
    'a al algo como con cual cuales cuando cuanto de del desde donde dos e el ella ellas ellos en entre era eran es esa esas ese eso esos ' +
      'esta estan estas este esto estos fue fueron ha han hasta hay la las le les lo los mas me mi mis mucho muy nada ni no nos nosotros o os ' +
      'otra otro para pero por porque que quien quienes se sea ser si sin sobre son su sus tambien te tiene tienen todo todos tu tus un una ' +
      'uno unos y ya yo',
  ),
  it: listOf(
    'a ad ai al alla alle allo anche c che chi ci come con cosa da dai dal dalla dalle de degli dei del della delle dello di dove e ed era ' +
      'erano essere fra gli ha hanno ho i il in io l la le lei li lo loro lui ma mi mia mio ne negli nei nel nella nelle noi non o per perche ' +
      'piu qual quale quali quando quella quelle quelli quello questa queste questi questo se sei si sia sono su sua sue sugli sui sul sulla ' +
      'suo suoi tra tu un una uno vi voi',
  ),
  nl: listOf(
    'aan al als bij dan dat de deze die dit doen doet door dus een en er geen had haar hadden heb hebben heeft hem het hij hoe hun ik in is ' +
      'je kan kunnen maar me meer men met mijn moet na naar niet nog nu of om omdat ons ook op over te tegen toch toen tot u uit van veel voor ' +
      'waar waarom wanneer want waren was wat we wel welk welke werd werden wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou',
  ),
};

function listOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
