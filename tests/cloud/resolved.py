"""Reads a template as CloudFormation does: a stack's parameters, conditions and functions become
values. Nothing is deployed, so a reference to a resource becomes a name that no other stack has."""

import re
import uuid

ACCOUNT = "123456789012"
NOTHING = object()


class Stack:
    """One template under one name, with its parameters."""

    def __init__(self, name, region, template, parameters):
        self.name = name
        self.template = template
        declared = template.get("Parameters", {})
        defaults = {key: about["Default"] for key, about in declared.items() if "Default" in about}
        unknown = set(parameters) - set(declared)
        assert not unknown, f"{name}: no such parameters: {unknown}"
        missing = set(declared) - set(defaults) - set(parameters)
        assert not missing, f"{name}: parameters without a value: {missing}"
        self.parameters = {**defaults, **parameters}
        given = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{uuid.uuid5(uuid.NAMESPACE_DNS, name)}"
        self.pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": name,
            "AWS::StackId": given,
            "AWS::NoValue": NOTHING,
        }

    def resources(self):
        """Returns (type, properties) by logical id, without resources whose condition is false."""
        return {
            logical: (about["Type"], self.value(about.get("Properties", {})))
            for logical, about in self.template["Resources"].items()
            if self.holds(about.get("Condition"))
        }

    def holds(self, condition):
        return condition is None or self.value(self.template["Conditions"][condition])

    def value(self, node):
        if isinstance(node, list):
            values = [self.value(one) for one in node]
            return [value for value in values if value is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, given),) = node.items()
            if name == "Ref":
                return self.ref(given)
            if name == "Condition" and isinstance(given, str):
                return self.holds(given)
            if name.startswith("Fn::"):
                return getattr(self, name.removeprefix("Fn::").lower() + "_")(given)
        values = {key: self.value(one) for key, one in node.items()}
        return {key: value for key, value in values.items() if value is not NOTHING}

    def ref(self, name):
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        assert name in self.template["Resources"], f"{self.name}: nothing is called {name}"
        return f"<{name} of {self.name}>"

    def getatt_(self, given):
        logical, attribute = given.split(".", 1) if isinstance(given, str) else given
        return f"<{logical}.{attribute} of {self.name}>"

    def sub_(self, given):
        text, own = (given, {}) if isinstance(given, str) else given
        own = {key: self.value(one) for key, one in own.items()}

        def put(found):
            name = found[1]
            if name in own:
                return str(own[name])
            return str(self.getatt_(name) if "." in name else self.ref(name))

        return re.sub(r"\$\{([^!}][^}]*)\}", put, text)

    def if_(self, given):
        condition, yes, no = given
        return self.value(yes if self.holds(condition) else no)

    def equals_(self, given):
        left, right = (str(self.value(one)) for one in given)
        return left == right

    def not_(self, given):
        return not self.value(given[0])

    def and_(self, given):
        return all(self.value(one) for one in given)

    def or_(self, given):
        return any(self.value(one) for one in given)

    def select_(self, given):
        at, of = (self.value(one) for one in given)
        # A list that is an attribute of a resource is known by its first entry.
        return of if isinstance(of, str) else of[int(at)]

    def split_(self, given):
        by, text = given
        return self.value(text).split(by)

    def join_(self, given):
        by, parts = given
        return by.join(str(part) for part in self.value(parts))

    def findinmap_(self, given):
        table, first, second = (str(self.value(one)) for one in given)
        return self.template["Mappings"][table][first][second]

    def cidr_(self, given):
        of, count, bits = (self.value(one) for one in given)
        return [f"<{at} of {of} by {bits}>" for at in range(int(count))]

    def getazs_(self, given):
        region = self.value(given) or self.pseudo["AWS::Region"]
        return [region + letter for letter in "abc"]
