"""Forms: the metadata of a file, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._graph import graph, rdflib
from ._table import table
from .datatype import FormType, read, written, xsd_to_python
from .exceptions import NotFoundError, asking
from .profile import ApplicationProfile
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from ... import coscine
    from .client import ApiClient
    from .metadata import FileMetadata

__all__ = ["FormField", "MetadataForm"]

#: How a resource says what its files have in a field without being told.
_PREDICATES = "https://purl.org/coscine/"


class FormField:
    """A field of an application profile, and its values in one form."""

    def __init__(self, client: ApiClient, field: coscine.Field) -> None:
        self.client = client
        self._field = field
        self._values: list[Any] = []
        self._invisible = False
        self._vocabulary: Vocabulary | None = None

    def __repr__(self) -> str:
        return f"FormField({self.name!r}, {self._values!r})"

    @property
    def path(self) -> str:
        """Its IRI."""
        return self._field.path

    @property
    def name(self) -> str:
        """Its name in the client's language, or in another if it has none there."""
        return self._field.labels.get(self.client.language) or self._field.label

    @property
    def language(self) -> str:
        """The language of its name."""
        return self.client.language

    @property
    def order(self) -> int:
        """Its place in the form."""
        return int(self._field.get("order") or 1)

    @property
    def class_uri(self) -> str:
        """The class whose terms are its values, for `ApiClient.vocabulary`; empty if it has no vocabulary."""
        return self._field.vocabulary or ""

    @property
    def min_count(self) -> int:
        """How many values it needs."""
        return self._field.min_count

    @property
    def max_count(self) -> int:
        """How many values it takes; 128 stands for any number."""
        return 128 if self._field.max_count is None else self._field.max_count

    @property
    def min_length(self) -> int:
        """How many characters a value needs."""
        return self._field.min_length or 0

    @property
    def max_length(self) -> int:
        """How many characters a value may have; 4096 stands for any number."""
        return 4096 if self._field.max_length is None else self._field.max_length

    @property
    def xsd_type(self) -> str | None:
        """The IRI of XML Schema's type, if it has one."""
        return self._field.datatype

    @property
    def datatype(self) -> type:
        """The type of its values in Python."""
        return MetadataForm if self.is_inherited else xsd_to_python(self.xsd_type or "")

    @property
    def selection(self) -> list[str]:
        """The values to choose from; empty if it has no selection."""
        return self._field.choices

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms to choose from. `NotFoundError` if it has no vocabulary."""
        if not self.has_vocabulary:
            raise NotFoundError(f"the field {self.name!r} has no vocabulary")
        if self._vocabulary is None:
            self._vocabulary = self.client.vocabulary(self.class_uri)
        return self._vocabulary

    @property
    def has_vocabulary(self) -> bool:
        """Whether its values are terms of a vocabulary."""
        return bool(self.class_uri) and not self.has_selection

    @property
    def has_selection(self) -> bool:
        """Whether its values are chosen from a few."""
        return bool(self.selection)

    @property
    def is_controlled(self) -> bool:
        """Whether its values are chosen at all."""
        return self.has_vocabulary or self.has_selection

    @property
    def is_required(self) -> bool:
        """Whether it must have a value."""
        return self.min_count > 0

    @property
    def is_inherited(self) -> bool:
        """Whether its values are forms themselves."""
        return self._field.fields is not None

    @property
    def node(self) -> str:
        """The IRI of the profile of such a form; empty if its values are none."""
        if not self.is_inherited:
            return ""
        raise NotImplementedError("of the form in a field its fields are known: whimbrel.coscine.Field.fields")

    @property
    def invisible(self) -> bool:
        """Whether the resource wants it not to be shown."""
        return self._invisible

    @invisible.setter
    def invisible(self, value: bool) -> None:
        self._invisible = value

    @property
    def values(self) -> list[Any]:
        """Its values: of a vocabulary the names of terms. One, or a list of them, can be assigned; each is checked."""
        return self._values

    @values.setter
    def values(self, value: FormType | MetadataForm | list[FormType | MetadataForm]) -> None:
        several = list(value) if isinstance(value, (list, tuple)) else [value]
        for it in several:
            self.validate(it)
        self._values = several

    @property
    def serial(self) -> list[str]:
        """Its values as they are sent: of a vocabulary the IRIs of terms. What is assigned is one value as it was sent."""
        return self.serialize()

    @serial.setter
    def serial(self, value: str) -> None:
        self.values = [self.deserialize(value)]

    @property
    def literals(self) -> list[Any]:
        """Its values as `rdflib.Literal`s."""
        return [rdflib().Literal(value, datatype=self.xsd_type) for value in self.values]

    @property
    def identifiers(self) -> list[Any]:
        """Its values as rdflib has them: of a vocabulary `rdflib.URIRef`s."""
        return [rdflib().URIRef(it) for it in self.serialize()] if self.has_vocabulary else self.literals

    def validate(self, value: Any) -> None:
        """`TypeError` or `ValueError` if this can't be one of its values."""
        if not isinstance(value, self.datatype):
            raise TypeError(f"the field {self.name!r} takes {self.datatype.__name__}, and no {type(value).__name__}")
        if self.has_selection and value not in self.selection:
            raise ValueError(f"the field {self.name!r} is one of {', '.join(self.selection)}; {value!r} is none of them")
        if self.has_vocabulary and value not in self.vocabulary:
            raise ValueError(f"{value!r} is no term of the vocabulary of the field {self.name!r}: {self.class_uri}")

    def append(self, value: FormType | MetadataForm, serialized: bool = False) -> None:
        """Adds a value; a `serialized` one is written as it is sent."""
        if serialized:
            if not isinstance(value, str):
                raise TypeError("a serialized value is text")
            value = self.deserialize(value)
        self.validate(value)
        self._values.append(value)

    def clear(self) -> None:
        """Takes all values away."""
        self._values = []

    def serialize(self) -> list[str]:
        """Its values as they are sent: of a vocabulary the IRIs of terms."""
        return [str(it) for it in self._sent()]

    def deserialize(self, value: str) -> Any:
        """A value of what was sent."""
        if self.has_vocabulary:
            return self.vocabulary.resolve(value)
        return read(value, self.xsd_type)

    def metadata_form(self) -> MetadataForm:
        """An empty form to be a value of this field. `TypeError` if its values are none."""
        if not self.is_inherited:
            raise TypeError(f"the values of the field {self.name!r} are no forms")
        return MetadataForm._of_fields([FormField(self.client, it) for it in self._field.fields or []])

    def merge(self, root_node: Any, graph: Any) -> None:
        """Whole forms become graphs, not fields."""
        raise NotImplementedError("ask the whole form: MetadataForm.graph(), or whimbrel.coscine.Form.fill")

    def strlist(self) -> list[Any]:
        """The field as a row of a table; empty if it is not to be shown."""
        if self.invisible:
            return []
        mode = "Inherited" if self.is_inherited else "Controlled" if self.is_controlled else "Default"
        values = "\n".join(map(str, self.values))
        count = f"{self.min_count} - {self.max_count}"
        return [self.is_required, mode, self.datatype.__name__, count, self.name, values]

    def _sent(self) -> list[Any]:
        if self.is_inherited:
            return [it._record() for it in self.values]
        if self.has_vocabulary:
            # A term's name in another language is left to whimbrel, which knows them all.
            return [self.vocabulary[it] if it in self.vocabulary else it for it in self.values]
        return [written(it, self.xsd_type) for it in self.values]

    def _take(self, told: Any) -> None:
        """Takes what whimbrel told of stored metadata; it is not for us to refuse it."""
        for value in told if isinstance(told, list) else [told]:
            if isinstance(value, Mapping):
                form = self.metadata_form()
                form._take(value)
                self._values.append(form)
            else:
                self._values.append(value if self.is_controlled else read(str(value), self.xsd_type))


class MetadataForm:
    """The form of a file's metadata: a mapping from the names of fields to lists of values.

    A form that is of a resource, `Resource.metadata_form()`, has the values that the resource gives.
    """

    def __init__(self, application_profile: ApplicationProfile, fixed_values: Mapping[str, Any] | None = None) -> None:
        self.application_profile = application_profile
        self._form: coscine.Form | None = application_profile._form
        self._fields = application_profile.fields()
        self._fixed_values = dict(fixed_values or {})
        self.defaults()

    @classmethod
    def _of_fields(cls, fields: list[FormField]) -> MetadataForm:
        """A form within a form."""
        form = object.__new__(cls)
        form._form, form._fields, form._fixed_values = None, fields, {}
        return form

    def __str__(self) -> str:
        rows = [row for row in (it.strlist() for it in self._fields) if row]
        return table(rows, ["Required", "Mode", "Type", "Range", "Field", "Value"])

    def __repr__(self) -> str:
        return f"MetadataForm({dict((name, values) for name, values in self.items() if values)!r})"

    def __setitem__(self, key: str, values: Any) -> None:
        self.field(key).values = values

    def __getitem__(self, key: str) -> list[Any]:
        return self.field(key).values

    def __delitem__(self, key: str) -> None:
        self.field(key).clear()

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._fields)

    def fields(self) -> list[FormField]:
        """The fields, in their order."""
        return self._fields

    def field(self, key: str) -> FormField:
        """The field of this name; `KeyError` if there is none."""
        for field in self._fields:
            if field.name == key:
                return field
        raise KeyError(f"the form has no field {key!r}; it has: {', '.join(self.keys())}")

    def path(self, path: str) -> FormField:
        """The field of this IRI; `KeyError` if there is none."""
        for field in self._fields:
            if field.path == path:
                return field
        raise KeyError(f"the form has no field with the IRI {path!r}")

    def paths(self) -> list[str]:
        """The IRIs of all fields."""
        return [it.path for it in self._fields]

    def keys(self) -> list[str]:
        """The names of all fields."""
        return [it.name for it in self._fields]

    def values(self) -> list[list[Any]]:
        """The values of all fields."""
        return [it.values for it in self._fields]

    def items(self) -> list[tuple[str, list[Any]]]:
        """Names and values of all fields."""
        return [(it.name, it.values) for it in self._fields]

    def clear(self) -> None:
        """Takes all values away."""
        for field in self._fields:
            field.clear()

    def defaults(self) -> None:
        """Takes all values away but those that the resource gives."""
        self.clear()
        paths = set(self.paths())
        for path, told in self._fixed_values.items():
            if path not in paths:
                continue
            field = self.path(path)
            given = told.get(_PREDICATES + "defaultValue") or told.get(_PREDICATES + "fixedValue") or []
            field._values = [field.deserialize(it["value"]) for it in given if it.get("type") != "bnode"]
            if invisible := told.get(_PREDICATES + "invisible"):
                field.invisible = str(invisible[0].get("value")) in ("1", "true")

    def validate(self) -> bool:
        """`True`; `ValueError` with all that is wrong, by the profile's rules."""
        with asking:
            findings = self._whole().check(self._record())
        if findings:
            raise ValueError("\n".join(map(str, findings)))
        return True

    def graph(self) -> Any:
        """The metadata as an `rdflib.Graph`."""
        return graph(self._turtle())

    def serialize(self, path: str) -> dict[str, Any]:
        """The metadata of the file at this path, as `Resource.put_metadata` takes them. `ValueError` if something is wrong."""
        self.validate()
        return {"path": path, "definition": {"content": self._turtle(), "type": "text/turtle"}}

    def parse(self, data: FileMetadata) -> None:
        """Takes the values of metadata that are stored."""
        self.clear()
        self._take(data._record())

    def test(self) -> None:
        """Values made up are no metadata."""
        raise NotImplementedError(
            "metadata are never made up, as nobody could tell them from true ones:"
            " fill in what you know, and whimbrel.coscine.Form.check says what lacks"
        )

    def _whole(self) -> coscine.Form:
        if self._form is None:
            raise TypeError("this form is a value of another: ask that one")
        return self._form

    def _turtle(self) -> str:
        with asking:
            return self._whole().fill(self._record())

    def _record(self) -> dict[str, Any]:
        """Fields and values as whimbrel takes them."""
        return {it.path: it._sent() for it in self._fields if it.values}

    def _take(self, told: Mapping[str, Any]) -> None:
        for field in self._fields:
            label = field._field.label
            if label in told:
                field._take(told[label])
