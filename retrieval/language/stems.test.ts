import { describe, expect, it } from 'vitest';
import { toWords } from '../terms.ts';
import { detectLanguage } from './detect-language.ts';
import { toSearchStems, toStems } from './stems.ts';

const SPOKEN = {
  en: 'So what we see here is that the gradient of the loss points uphill, and we go the other way.',
  de: 'Also was wir hier sehen, ist, dass der Gradient bergauf zeigt, und wir gehen in die andere Richtung.',
  fr: "Ce que nous voyons ici, c'est que le gradient monte, et nous allons dans l'autre sens.",
  es: 'Lo que vemos aquí es que el gradiente sube, y nosotros vamos en la otra dirección.',
  it: 'Quello che vediamo qui è che il gradiente sale, e noi andiamo nella direzione opposta.',
  nl: 'Wat we hier zien is dat de gradiënt omhoog wijst, en wij gaan de andere kant op.',
};

describe('detectLanguage', () => {
  it.each(Object.entries(SPOKEN))('hears %s', (language, text) => {
    expect(detectLanguage(toWords(text))).toBe(language);
  });

  it('says nothing of words that are in no list', () => {
    expect(detectLanguage(toWords('Entropie, Enthalpie'))).toBeUndefined();
    expect(detectLanguage([])).toBeUndefined();
  });
});

describe('stems', () => {
  const finds = (question: string, passage: string): boolean => {
    const stems = new Set(toStems(passage));
    return toSearchStems(question).every((stem) => stems.has(stem));
  };

  it('meet across inflections in English and in German, with and without function words', () => {
    expect(finds('What catalyses?', 'The enzyme is catalysing it.')).toBe(true);
    expect(toStems('Die Häuser und die Vorlesungen sind alt.')).toEqual(expect.arrayContaining(['haus', 'vorles']));
    expect(toSearchStems('Welche Vorlesung ist im Haus?')).toEqual(expect.arrayContaining(['vorles', 'haus']));
    expect(toSearchStems('Vorlesungen')).toContain('vorles');
  });

  it('are English ones only, each once, where a question is English', () => {
    expect(toSearchStems('Does it matter what matters most to the hangman, die or die?')).toEqual(['matter', 'hangman', 'die']);
  });

  it('find English lectures by German questions', () => {
    expect(toSearchStems('Was bedeutet overfitting?')).toContain('overfit');
  });
});
