"""From FEEL text to a tree, for outside test data: the whole expression grammar.

Promise: reading takes stack in proportion to ``MAX_DEPTH``; a text that is no expression raises ``FeelSyntaxError``.

Source: DMN 1.5 §10.3.1.2.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from rules.tools import feel_syntax as syntax
from rules.tools.feel_reader import KEYWORDS, WORD, WORD_PART, WORD_START, FeelSyntaxError, Reader
from rules.tools.feel_syntax import MAX_DEPTH, Tree, TypeName
from rules.tools.feel_temporal_text import read_temporal
from rules.tools.feel_values import OutOfScope

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAMED = re.compile(rf"([{WORD_START}][{WORD_PART}]*(?:\s+[{WORD_PART}]+)*)\s*:")
# After an opening bracket these begin no filter: the bracket closes an interval that leaves its end out, as in ``]1..2[``.
_NO_FILTER = re.compile(r"\[\s*(?:$|[),}\]=!<>+*/]|(?:and|or|then|else|in|satisfies|return|between)\b)")
_TYPES = ("date and time", "days and time duration", "years and months duration")


def parse_feel(text: str, functions: Collection[str], names: Collection[str], keys: Collection[str] = ()) -> Tree:
    """Return the tree of an expression. ``names`` are the variables, ``keys`` the entries that contexts among them have."""
    parser = _Parser(text, functions, names, keys)
    tree = parser.expression()
    parser.expect_end()
    return tree


def parse_feel_tests(
    text: str, functions: Collection[str], names: Collection[str], keys: Collection[str] = ()
) -> tuple[bool, tuple[Tree, ...]] | None:
    """Return whether a cell's tests are negated, and the tests; ``None`` for ``-``, which any value meets."""
    parser = _Parser(text, functions, names, keys)
    return parser.cell()


class _Parser(Reader):
    """Reads expressions by descent; ``_depth`` counts the levels open."""

    # --- entrances

    def cell(self) -> tuple[bool, tuple[Tree, ...]] | None:
        if self._text.strip() == "-":
            return None
        start = self._at
        if self._take_word("not") and self._take("("):
            tests = self._tests()
            if self._take(")") and self._at == len(self._text):
                return True, tests
        self._at = start
        tests = self._tests()
        self.expect_end()
        return False, tests

    def expect_end(self) -> None:
        if self._at != len(self._text):
            self._fail("an operator or the end")

    def expression(self) -> Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"at most {MAX_DEPTH} levels")
        tree = self._textual()
        self._depth -= 1
        return tree

    def _textual(self) -> Tree:
        if self._sees_word("if"):
            return self._if()
        if self._sees_word("for"):
            return self._for()
        if self._sees_word("some") or self._sees_word("every"):
            return self._quantified()
        return self._disjunction()

    # --- textual forms

    def _if(self) -> Tree:
        self._need_word("if")
        condition = self.expression()
        self._need_word("then")
        then = self.expression()
        self._need_word("else")
        return syntax.If(condition, then, self.expression())

    def _for(self) -> Tree:
        self._need_word("for")
        with self._scope({"partial"}):
            iterators = self._iterators()
            self._need_word("return")
            return syntax.For(iterators, self.expression())

    def _quantified(self) -> Tree:
        every = self._take_word("every")
        if not every:
            self._need_word("some")
        with self._scope(set()):
            iterators = self._iterators()
            self._need_word("satisfies")
            return syntax.Quantified(every, iterators, self.expression())

    def _iterators(self) -> tuple[syntax.Iterator, ...]:
        found: list[syntax.Iterator] = []
        while True:
            variable = self._new_name(lambda: self._sees_word("in"))
            self._need_word("in")
            domain = self.expression()
            end = self.expression() if self._take("..") else None
            self._scopes[-1].add(variable)
            found.append(syntax.Iterator(variable, domain, end))
            if not self._take(","):
                return tuple(found)

    def _definition(self) -> Tree:
        self._need("(")
        parameters: list[str] = []
        while not self._take(")"):
            parameters.append(self._new_name(lambda: self._text[self._at : self._at + 1] in (",", ")", ":")))
            if self._take(":"):
                self._type()
            if not self._sees(")"):
                self._need(",")
        if self._sees_word("external"):
            raise OutOfScope("an external function")
        with self._scope(set(parameters)):
            return syntax.Definition(tuple(parameters), self.expression())

    # --- operators, loosest first

    def _disjunction(self) -> Tree:
        tree = self._conjunction()
        while self._take_word("or"):
            tree = syntax.Operation("or", tree, self._conjunction())
        return tree

    def _conjunction(self) -> Tree:
        tree = self._comparison()
        while self._take_word("and"):
            tree = syntax.Operation("and", tree, self._comparison())
        return tree

    def _comparison(self) -> Tree:
        tree = self._additive()
        if operator := self._take_comparison():
            tree = syntax.Operation(operator, tree, self._additive())
        elif self._take_word("between"):
            low = self._additive()
            self._need_word("and")
            tree = syntax.Between(tree, low, self._additive())
        elif self._take_word("in"):
            tree = syntax.In(tree, self._in_tests())
        if self._take_comparison():
            self._fail("`and` or `or`: comparisons do not chain")
        return tree

    def _additive(self) -> Tree:
        tree = self._multiplicative()
        while operator := self._take_one_of("+", "-"):
            tree = syntax.Operation(operator, tree, self._multiplicative())
        return tree

    def _multiplicative(self) -> Tree:
        tree = self._power()
        while operator := self._take_one_of("*", "/"):
            tree = syntax.Operation(operator, tree, self._power())
        return tree

    def _power(self) -> Tree:
        tree = self._unary()
        while self._take("**"):
            tree = syntax.Operation("**", tree, self._unary())
        return tree

    def _unary(self) -> Tree:
        if not self._take("-"):
            return self._instance()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"at most {MAX_DEPTH} levels")
        operand = self._unary()
        self._depth -= 1
        return syntax.Minus(operand)

    def _instance(self) -> Tree:
        tree = self._postfix()
        if self._take_word("instance"):
            self._need_word("of")
            return syntax.InstanceOf(tree, self._type())
        return tree

    def _postfix(self) -> Tree:
        tree = self._primary()
        while True:
            if self._sees(".") and not self._sees(".."):
                self._take(".")
                tree = syntax.Path(tree, self._key())
            elif not _NO_FILTER.match(self._text, self._at) and self._take("["):
                with self._scope({"item"}):
                    tree = syntax.Filter(tree, self.expression())
                self._need("]")
            elif self._take("("):
                tree = self._invocation(tree)
            else:
                return tree

    def _invocation(self, function: Tree) -> Tree:
        arguments: list[Tree] = []
        names: list[str] = []
        named = _NAMED.match(self._text, self._at) is not None
        while not self._take(")"):
            if named:
                found = _NAMED.match(self._text, self._at)
                if not found:
                    self._fail("a parameter's name")
                names.append(" ".join(found[1].split()))
                self._at = found.end()
                self._skip()
            arguments.append(self.expression())
            if not self._sees(")"):
                self._need(",")
                if self._sees(")"):
                    self._fail("an argument")
        return syntax.Invocation(function, tuple(arguments), tuple(names))

    # --- tests

    def _in_tests(self) -> tuple[Tree, ...]:
        if not self._take("("):
            return (self._test(),)
        first = self._test()
        if self._take(".."):
            return (self._interval(first, low_closed=False),)
        tests = [first]
        while self._take(","):
            tests.append(self._test())
        self._need(")")
        return tuple(tests)

    def _tests(self) -> tuple[Tree, ...]:
        tests = [self._test()]
        while self._take(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> Tree:
        if operator := self._take_comparison():
            return syntax.Comparison(operator, self._additive())
        return self.expression()

    def _interval(self, low: Tree, *, low_closed: bool) -> Tree:
        high = self.expression()
        closing = self._take_one_of("]", ")", "[")
        if not closing:
            self._fail("`)` or `]` to close the interval")
        return syntax.Interval(low, high, low_closed, closing == "]")

    # --- operands

    def _primary(self) -> Tree:  # noqa: PLR0911 - one return a kind of operand
        if found := _NUMBER.match(self._text, self._at):
            self._move(found.end())
            return syntax.Constant(Decimal(found.group()))
        if self._sees('"'):
            return syntax.Constant(self._string())
        if self._take("@"):
            return self._at_literal()
        if self._take("("):
            return self._parenthesis()
        if self._take("["):
            return self._bracket()
        if self._take("]"):
            low = self.expression()
            self._need("..")
            return self._interval(low, low_closed=False)
        if self._take("{"):
            return self._context()
        return self._word()

    def _at_literal(self) -> Tree:
        at = self._at
        value = read_temporal(self._string())
        if value is None:
            raise FeelSyntaxError(at, "a date, time or duration")
        return syntax.Constant(value)

    def _parenthesis(self) -> Tree:
        if operator := self._take_comparison():
            test = syntax.Comparison(operator, self._additive())
            self._need(")")
            return test
        inner = self.expression()
        if self._take(".."):
            return self._interval(inner, low_closed=False)
        self._need(")")
        return inner

    def _bracket(self) -> Tree:
        items: list[Tree] = []
        while not self._take("]"):
            items.append(self.expression())
            if len(items) == 1 and self._take(".."):
                return self._interval(items[0], low_closed=True)
            if not self._sees("]"):
                self._need(",")
                if self._sees("]"):
                    self._fail("an item")
        return syntax.Items(tuple(items))

    def _context(self) -> Tree:
        entries: list[tuple[str, Tree]] = []
        with self._scope(set()):
            while not self._take("}"):
                key = self._string() if self._sees('"') else self._new_name(lambda: self._sees(":"))
                self._need(":")
                entries.append((key, self.expression()))
                self._scopes[-1].add(key)
                self._keys.add(key)
                if not self._sees("}"):
                    self._need(",")
        return syntax.Entries(tuple(entries))

    def _word(self) -> Tree:
        if known := self._known({each for scope in self._scopes for each in scope}):
            return syntax.Read(known)
        for phrase in self._phrases:
            found = re.compile(r"\s+".join(map(re.escape, phrase.split(" "))) + r"\s*(?=\()").match(
                self._text, self._at
            )
            if found:
                self._move(found.end())
                return syntax.Read(phrase)
        word = WORD.match(self._text, self._at)
        if not word or (word.group() in KEYWORDS - {"true", "false", "null", "function"}):
            self._fail("a value, a name, a function or `(`")
        self._move(word.end())
        match word.group():
            case "true" | "false" as text:
                return syntax.Constant(text == "true")
            case "null":
                return syntax.Constant(None)
            case "function" if self._sees("("):
                return self._definition()
            case text:
                return syntax.Read(text)

    def _type(self) -> TypeName:
        name = self._known(_TYPES)
        if name is None:
            word = WORD.match(self._text, self._at)
            if not word:
                self._fail("a type")
            self._move(word.end())
            name = word.group()
        arguments: list[TypeName] = []
        fields: list[tuple[str, TypeName]] = []
        if self._take("<"):
            while not self._take(">"):
                if name == "context":
                    key = self._new_name(lambda: self._sees(":"))
                    self._need(":")
                    fields.append((key, self._type()))
                else:
                    arguments.append(self._type())
                self._take(",")
            if self._take("->"):
                arguments.append(self._type())
        return TypeName(name, tuple(arguments), tuple(fields))
