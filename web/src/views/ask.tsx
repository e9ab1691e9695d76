import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { QueryRequest } from '../../../contracts/query.ts';
import { ask, type AnswerSoFar } from '../client/ask.ts';
import { noticeSessionOver } from '../client/session-over.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { askRoute } from '../router.tsx';
import { AnswerView } from './answer.tsx';

interface Exchange {
  question: string;
  answer?: AnswerSoFar;
  error?: unknown;
}

/** Exchanges that a follow-up leans on, as many as the API takes. */
const REMEMBERED = 8;

/** A conversation with the lectures: questions, answers as they are written, and what they stand on. */
export function Ask(): ReactNode {
  const queryClient = useQueryClient();
  const search = askRoute.useSearch();
  const [question, setQuestion] = useState(search.question ?? '');
  const [course, setCourse] = useState(search.course ?? '');
  const [exchanges, setExchanges] = useState<Exchange[]>([]);
  const [isAsking, setIsAsking] = useState(false);

  const submit = async () => {
    const asked = question.trim();
    if (asked === '' || isAsking) return;
    const number = exchanges.length;
    const change = (to: Partial<Exchange>) =>
      setExchanges((before) => before.map((exchange, index) => (index === number ? { ...exchange, ...to } : exchange)));
    setExchanges([...exchanges, { question: asked }]);
    setIsAsking(true);
    try {
      const filters: QueryRequest['filters'] = course.trim() === '' ? {} : { courses: [course.trim()] };
      for await (const answer of ask({ question: asked, filters, history: toHistory(exchanges) })) {
        change({ answer });
      }
      setQuestion('');
    } catch (error) {
      change({ error });
      noticeSessionOver(queryClient, error);
    } finally {
      setIsAsking(false);
    }
  };

  return (
    <>
      <h1>Ask the lectures</h1>
      <ol className="exchanges" aria-live="polite">
        {exchanges.map(({ question: asked, answer, error }, index) => (
          // eslint-disable-next-line react/no-array-index-key -- exchanges are only ever added at the end
          <li key={index} className="card">
            <h2 dir="auto">{asked}</h2>
            {answer !== undefined && <AnswerView answer={answer} />}
            {answer === undefined && error === undefined && <output>Looking through the lectures …</output>}
            {error !== undefined && <ProblemNotice error={error} />}
          </li>
        ))}
      </ol>
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label htmlFor="question">{exchanges.length === 0 ? 'Your question' : 'Ask on'}</label>
        <textarea
          id="question"
          rows={2}
          maxLength={2000}
          required
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void submit();
          }}
        />
        <label>
          Only in the course <input value={course} onChange={(event) => setCourse(event.target.value)} />
        </label>
        <button type="submit" disabled={isAsking}>
          Ask
        </button>
      </form>
    </>
  );
}

function toHistory(exchanges: readonly Exchange[]): { question: string; answer: string }[] {
  return exchanges
    .flatMap(({ question, answer }) => (answer?.response === undefined ? [] : [{ question, answer: answer.text.slice(0, 4_000) }]))
    .slice(-REMEMBERED);
}
