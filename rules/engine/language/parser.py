"""From tokens to a syntax tree, by precedence climbing.

Precedence, loosest first: ``or``; ``and``; one comparison (``= != < <= > >=``, ``between``, ``in``; they do not chain);
``+ -``; ``* /``; ``**`` (refused by name); unary minus; ``.part``. All binary operators group from the left.
``if``, ``some`` and ``every`` stand at the start of an expression; elsewhere they take parentheses.

Promise: reading takes time linear in the text, and stack in proportion to ``MAX_DEPTH``, whatever the text.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NoReturn

from rules.engine.language.errors import LanguageError, place_of
from rules.engine.language.syntax import (
    MAX_DEPTH,
    AtLiteral,
    Between,
    Binary,
    Call,
    Cell,
    Comparison,
    Conditional,
    In,
    Index,
    Interval,
    ListLiteral,
    Literal,
    MoneyLiteral,
    Name,
    Negation,
    Property,
    Quantified,
    Syntax,
)
from rules.engine.language.tokens import Token, TokenKind, tokenize

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
KEYWORDS = frozenset(
    {"and", "or", "not", "if", "then", "else", "between", "in", "some", "every", "satisfies", "for", "return"}
    | {"true", "false", "null", "function", "instance", "of", "yuan"}
)
OR, AND, COMPARISON, ADDITIVE, MULTIPLICATIVE, POWER = range(1, 7)
_LEVELS = {"or": OR, "and": AND, "between": COMPARISON, "in": COMPARISON, "+": ADDITIVE, "-": ADDITIVE} | {
    "*": MULTIPLICATIVE,
    "/": MULTIPLICATIVE,
    "**": POWER,
}
_LEVELS |= dict.fromkeys(COMPARISONS, COMPARISON)
_MAX_PHRASE_WORDS = 6


def parse(source: str, functions: Collection[str]) -> Syntax:
    """Return the tree of an expression. ``functions`` are the known function names. Raises ``LanguageError``."""
    parser = _Parser(source, functions)
    tree = parser.expression()
    parser.expect_end()
    return tree


def parse_cell(source: str, functions: Collection[str]) -> Cell:
    """Return the tests of a decision table's cell. Raises ``LanguageError``."""
    parser = _Parser(source, functions)
    cell = parser.cell()
    parser.expect_end()
    return cell


class _Parser:
    def __init__(self, source: str, functions: Collection[str]) -> None:
        self._source = source
        self._functions = frozenset(functions)
        self._tokens = tokenize(source)
        self._at = 0
        self._nesting = 0

    # --- entrances

    def cell(self) -> Cell:
        if self._is_operator("-") and self._tokens[self._at + 1].kind is TokenKind.END:
            self._advance()
            return Cell(tests=None)
        if self._is_word("not"):
            self._advance()
            self._expect("(")
            tests = self._tests(")")
            return Cell(tests=tests, negated=True)
        return Cell(tests=self._tests(None))

    def expression(self) -> Syntax:
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            self._too_deep(self._token)
        if self._is_word("if"):
            tree: Syntax = self._conditional()
        elif self._is_word("some") or self._is_word("every"):
            tree = self._quantified()
        else:
            tree = self._binary(OR)
        self._nesting -= 1
        return tree

    def expect_end(self) -> None:
        if self._token.kind is not TokenKind.END:
            self._unexpected("an operator or the end")

    # --- expressions

    def _conditional(self) -> Syntax:
        start = self._advance().start
        condition = self.expression()
        self._expect_word("then")
        then = self.expression()
        self._expect_word("else")
        otherwise = self.expression()
        depth = self._deeper(start, condition, then, otherwise)
        return Conditional(
            start=start, end=otherwise.end, depth=depth, condition=condition, then=then, otherwise=otherwise
        )

    def _quantified(self) -> Syntax:
        first = self._advance()
        variable = self._token
        if variable.kind is not TokenKind.WORD or variable.text in KEYWORDS or "." in variable.text:
            self._unexpected("a name for the element")
        self._advance()
        self._expect_word("in")
        domain = self._binary(ADDITIVE)
        self._expect_word("satisfies")
        condition = self.expression()
        return Quantified(
            start=first.start,
            end=condition.end,
            depth=self._deeper(first.start, domain, condition),
            every=first.text == "every",
            variable=variable.text,
            domain=domain,
            condition=condition,
        )

    def _binary(self, minimum: int) -> Syntax:
        left = self._unary()
        while True:
            operator = self._token
            level = _LEVELS.get(operator.text, 0) if operator.kind in (TokenKind.OPERATOR, TokenKind.WORD) else 0
            if level < minimum or level == 0:
                return left
            if level == POWER:
                self._unexpected("an operator of the language (there is no power)")
            self._advance()
            left = self._after_operator(left, operator, level)
            if level == COMPARISON and self._level_here() == COMPARISON:
                self._unexpected("`and` or `or`: comparisons do not chain")

    def _after_operator(self, left: Syntax, operator: Token, level: int) -> Syntax:
        if operator.text == "between":
            low = self._binary(ADDITIVE)
            self._expect_word("and")
            high = self._binary(ADDITIVE)
            depth = self._deeper(left.start, left, low, high)
            return Between(start=left.start, end=high.end, depth=depth, value=left, low=low, high=high)
        if operator.text == "in":
            tests = self._in_tests()
            depth = self._deeper(left.start, left, *tests)
            return In(start=left.start, end=self._previous_end(), depth=depth, value=left, tests=tests)
        right = self._binary(level + 1)
        depth = self._deeper(left.start, left, right)
        return Binary(start=left.start, end=right.end, depth=depth, operator=operator.text, left=left, right=right)

    def _level_here(self) -> int:
        return _LEVELS.get(self._token.text, 0) if self._token.kind in (TokenKind.OPERATOR, TokenKind.WORD) else 0

    def _unary(self) -> Syntax:
        if not self._is_operator("-"):
            return self._postfix()
        start = self._advance().start
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            self._too_deep(self._token)
        operand = self._unary()
        self._nesting -= 1
        return Negation(start=start, end=operand.end, depth=self._deeper(start, operand), operand=operand)

    def _postfix(self) -> Syntax:
        tree = self._primary()
        while True:
            if self._is_operator("."):
                self._advance()
                part = self._token
                if part.kind is not TokenKind.WORD:
                    self._unexpected("the name of a part, such as year")
                self._advance()
                depth = self._deeper(tree.start, tree)
                tree = Property(start=tree.start, end=part.end, depth=depth, operand=tree, name=part.text)
            elif self._is_operator("["):
                self._advance()
                index = self.expression()
                end = self._expect("]").end
                depth = self._deeper(tree.start, tree, index)
                tree = Index(start=tree.start, end=end, depth=depth, operand=tree, index=index)
            else:
                return tree

    # --- tests of `in` and of cells

    def _in_tests(self) -> tuple[Syntax, ...]:
        if not self._is_operator("("):
            return (self._test(),)
        opening = self._advance()
        first = self._test()
        if self._is_operator(".."):
            return (self._interval(opening, first),)
        return (first, *self._more_tests(")"))

    def _tests(self, closing: str | None) -> tuple[Syntax, ...]:
        return (self._test(), *self._more_tests(closing))

    def _more_tests(self, closing: str | None) -> list[Syntax]:
        tests: list[Syntax] = []
        while self._is_operator(","):
            self._advance()
            tests.append(self._test())
        if closing:
            self._expect(closing)
        return tests

    def _test(self) -> Syntax:
        if self._token.kind is TokenKind.OPERATOR and self._token.text in COMPARISONS:
            operator = self._advance()
            operand = self._binary(ADDITIVE)
            depth = self._deeper(operator.start, operand)
            return Comparison(
                start=operator.start, end=operand.end, depth=depth, operator=operator.text, operand=operand
            )
        return self._binary(ADDITIVE)

    def _interval(self, opening: Token, low: Syntax) -> Interval:
        self._expect("..")
        high = self._binary(ADDITIVE)
        closing = self._token
        if closing.kind is not TokenKind.OPERATOR or closing.text not in (")", "]"):
            self._unexpected("`)` or `]` to close the interval")
        self._advance()
        return Interval(
            start=opening.start,
            end=closing.end,
            depth=self._deeper(opening.start, low, high),
            low=low,
            high=high,
            low_closed=opening.text == "[",
            high_closed=closing.text == "]",
        )

    # --- operands

    def _primary(self) -> Syntax:
        token = self._token
        if token.kind is TokenKind.NUMBER:
            return self._number()
        if token.kind is TokenKind.STRING:
            self._advance()
            return Literal(start=token.start, end=token.end, value=token.text)
        if token.kind is TokenKind.WORD:
            return self._word()
        if token.text == "]":
            self._unexpected("a value, or an interval that opens with `(` or `[`")
        if token.kind is TokenKind.OPERATOR and token.text in ("(", "[", "@"):
            return {"(": self._parenthesis, "[": self._bracket, "@": self._at_literal}[token.text]()
        return self._unexpected("a value, a name, a function or `(`")

    def _number(self) -> Syntax:
        token = self._advance()
        value = Decimal(token.text)
        if self._is_word("yuan"):
            end = self._advance().end
            fen = value.scaleb(2)
            if fen != fen.to_integral_value():
                raise LanguageError(
                    "bad_literal", place_of(self._source, token.start, end), "money with at most two decimals"
                )
            return MoneyLiteral(start=token.start, end=end, fen=int(fen))
        return Literal(start=token.start, end=token.end, value=value)

    def _at_literal(self) -> Syntax:
        start = self._advance().start
        text = self._token
        if text.kind is not TokenKind.STRING:
            self._unexpected('a text after `@`, such as @"2024-02-29"')
        self._advance()
        return AtLiteral(start=start, end=text.end, text=text.text)

    def _parenthesis(self) -> Syntax:
        opening = self._advance()
        inner = self.expression()
        if self._is_operator(".."):
            return self._interval(opening, inner)
        self._expect(")")
        return inner

    def _bracket(self) -> Syntax:
        opening = self._advance()
        items: list[Syntax] = []
        if not self._is_operator("]"):
            items.append(self.expression())
            if self._is_operator(".."):
                return self._interval(opening, items[0])
            while self._is_operator(","):
                self._advance()
                items.append(self.expression())
        end = self._expect("]").end
        return ListLiteral(start=opening.start, end=end, depth=self._deeper(opening.start, *items), items=tuple(items))

    def _word(self) -> Syntax:
        token = self._token
        if token.text in ("true", "false", "null") and not self._calls_here():
            value = {"true": True, "false": False, "null": None}[token.text]
            if value is None:
                self._unexpected("a value: there is no null")
            self._advance()
            return Literal(start=token.start, end=token.end, value=value)
        if function := self._function_here():
            return self._call(function)
        if token.text in KEYWORDS:
            self._unexpected("a value, a name, a function or `(`")
        if self._calls_here():
            known = place_of(self._source, token.start, token.end)
            raise LanguageError("unknown_function", known, "a function of the language or of the engine")
        self._advance()
        return Name(start=token.start, end=token.end, name=token.text)

    def _call(self, function: str) -> Syntax:
        start = self._token.start
        for _ in function.split(" "):
            self._advance()
        self._expect("(")
        arguments: list[Syntax] = []
        if not self._is_operator(")"):
            arguments.append(self.expression())
            while self._is_operator(","):
                self._advance()
                arguments.append(self.expression())
        end = self._expect(")").end
        return Call(
            start=start, end=end, depth=self._deeper(start, *arguments), function=function, arguments=tuple(arguments)
        )

    def _function_here(self) -> str | None:
        """Return the function of the most words whose name starts here and is followed by a parenthesis."""
        found: str | None = None
        words: list[str] = []
        for token in self._tokens[self._at : self._at + _MAX_PHRASE_WORDS]:
            if token.kind is not TokenKind.WORD:
                break
            words.append(token.text)
            after = self._tokens[self._at + len(words)]
            if " ".join(words) in self._functions and _is(after, "("):
                found = " ".join(words)
        return found

    def _calls_here(self) -> bool:
        return _is(self._tokens[min(self._at + 1, len(self._tokens) - 1)], "(")

    # --- tokens

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _advance(self) -> Token:
        token = self._tokens[self._at]
        if token.kind is not TokenKind.END:
            self._at += 1
        return token

    def _previous_end(self) -> int:
        return self._tokens[self._at - 1].end

    def _is_operator(self, text: str) -> bool:
        return _is(self._token, text)

    def _is_word(self, text: str) -> bool:
        return self._token.kind is TokenKind.WORD and self._token.text == text

    def _expect(self, operator: str) -> Token:
        if not self._is_operator(operator):
            self._unexpected(f"`{operator}`")
        return self._advance()

    def _expect_word(self, word: str) -> None:
        if not self._is_word(word):
            self._unexpected(f"`{word}`")
        self._advance()

    def _deeper(self, start: int, *below: Syntax) -> int:
        depth = 1 + max((tree.depth for tree in below), default=0)
        if depth > MAX_DEPTH:
            place = place_of(self._source, start, self._previous_end())
            raise LanguageError(
                "too_deep", place, f"at most {MAX_DEPTH} levels; name a part of it in a formula of its own"
            )
        return depth

    def _too_deep(self, token: Token) -> NoReturn:
        place = place_of(self._source, token.start, token.end)
        raise LanguageError("too_deep", place, f"at most {MAX_DEPTH} levels; name a part of it in a formula of its own")

    def _unexpected(self, expected: str) -> NoReturn:
        token = self._token
        found = "the end of the text" if token.kind is TokenKind.END else self._source[token.start : token.end]
        place = place_of(self._source, token.start, token.end)
        raise LanguageError("unexpected", place, expected, found=found)


def _is(token: Token, operator: str) -> bool:
    return token.kind is TokenKind.OPERATOR and token.text == operator
