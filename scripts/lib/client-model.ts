// The client's public face as the compiler sees it: what client/index.ts exports, with its comments.
import path from "node:path";
import ts from "typescript";
import { root } from "./root.ts";

export interface Documented {
  readonly name: string;
  /** The comment's text. */
  readonly text: string;
  /** The comment's tags, such as `throws`, `default`, `example`. */
  readonly tags: readonly { readonly name: string; readonly text: string }[];
}

export interface Member extends Documented {
  /** How it is written, such as `get(id: number): Promise<WorkOrder>`. */
  readonly signature: string;
}

export interface Field extends Documented {
  readonly optional: boolean;
  readonly type: string;
}

export interface ClassModel extends Documented {
  /** How to get at it: `new AtlasClient(...)`, `client.workOrders`. */
  readonly heading: string;
  readonly parent: string | undefined;
  readonly members: readonly Member[];
}

export interface TypeModel extends Documented {
  /** File below client/ that declares it. */
  readonly file: string;
  /** The type itself where it is not an object. */
  readonly type: string | undefined;
  /** Its own; those of `parents` are there as well. */
  readonly fields: readonly Field[];
  readonly parents: readonly string[];
  /** Keys that are not listed pass through. */
  readonly open: boolean;
}

export interface Constant extends Documented {
  /** Its value as the code writes it. */
  readonly value: string;
}

export interface ClientModel {
  readonly classes: readonly ClassModel[];
  readonly functions: readonly Member[];
  readonly constants: readonly Constant[];
  readonly types: readonly TypeModel[];
}

export function readClient(): ClientModel {
  const index = path.join(root, "client/index.ts");
  const program = ts.createProgram([index], compilerOptions());
  return new Reader(program.getTypeChecker()).read(program.getSourceFile(index));
}

function compilerOptions(): ts.CompilerOptions {
  const file = path.join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root).options;
}

class Reader {
  readonly #checker: ts.TypeChecker;
  /** Names of exported types by what the compiler writes for them, the longest first. */
  #names: [written: string, name: string][] = [];
  #exported: ReadonlySet<ts.Node> = new Set();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  read(index: ts.SourceFile | undefined): ClientModel {
    const module = index && this.#checker.getSymbolAtLocation(index);
    if (module === undefined) throw new Error("client/index.ts exports nothing");
    const exported = this.#checker.getExportsOfModule(module).map((symbol) => this.#aliased(symbol));
    const declared = exported.map((symbol) => ({ symbol, node: symbol.declarations?.[0] }));
    const aliases = declared.flatMap(({ node }) => (node && ts.isTypeAliasDeclaration(node) ? [node] : []));
    this.#names = aliases
      .map((node): [string, string] => [this.#written(this.#checker.getTypeAtLocation(node)), node.name.text])
      .filter(([written]) => written.length > 12)
      .sort(([a], [b]) => b.length - a.length);

    const classes = declared.flatMap(({ node }) => (node && ts.isClassDeclaration(node) ? [node] : []));
    this.#exported = new Set(classes);
    return {
      classes: classes.flatMap((node) => [
        this.#classModel(node, node.name?.text ?? ""),
        ...this.#parts(node),
      ]),
      functions: declared.flatMap(({ symbol, node }) =>
        node && ts.isFunctionDeclaration(node) ? [this.#member(symbol, node)] : [],
      ),
      constants: declared.flatMap(({ symbol, node }) =>
        node && ts.isVariableDeclaration(node) && node.initializer
          ? [{ ...this.#documented(symbol), value: node.initializer.getText() }]
          : [],
      ),
      types: declared.flatMap(({ symbol, node }) =>
        node && (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node))
          ? [this.#typeModel(symbol, node)]
          : [],
      ),
    };
  }

  /** Classes that are not exported themselves but stand as properties in one that is: `client.workOrders`. */
  #parts(node: ts.ClassDeclaration): ClassModel[] {
    return node.members.filter(ts.isPropertyDeclaration).flatMap((property) => {
      const part = this.#checker.getTypeAtLocation(property).getSymbol()?.valueDeclaration;
      const own = part && ts.isClassDeclaration(part) && !this.#exported.has(part) && isPublic(property);
      return own ? [this.#classModel(part, `client.${property.name.getText()}`)] : [];
    });
  }

  #classModel(node: ts.ClassDeclaration, heading: string): ClassModel {
    const symbol = node.name && this.#checker.getSymbolAtLocation(node.name);
    if (symbol === undefined) throw new Error(`a class without a name: ${heading}`);
    const own = node.members.flatMap((member) => {
      const memberSymbol = member.name && this.#checker.getSymbolAtLocation(member.name);
      return isShown(member) && memberSymbol ? [this.#member(memberSymbol, member)] : [];
    });
    return {
      ...this.#documented(symbol),
      heading,
      parent: namesOf(node.heritageClauses?.filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword))[0],
      members: [...own, ...this.#inherited(node)],
    };
  }

  /** What a class has from one that is not exported, with the types that it gives to that one. */
  #inherited(node: ts.ClassDeclaration): Member[] {
    return this.#checker
      .getTypeAtLocation(node)
      .getProperties()
      .flatMap((symbol) => {
        const member = symbol.valueDeclaration;
        const from = member?.parent;
        const isForeign = from?.getSourceFile().isDeclarationFile;
        if (!from || !ts.isClassDeclaration(from) || from === node || isForeign || this.#exported.has(from))
          return [];
        if (!ts.isMethodDeclaration(member) || !isShown(member)) return [];
        const { signature, ...documented } = this.#member(symbol, member);
        return [{ ...documented, signature: this.#withTypesOf(node, signature) }];
      });
  }

  /** Writes what a class `extends Base<Types>` gives for each `T["key"]` of its base. */
  #withTypesOf(node: ts.ClassDeclaration, signature: string): string {
    const [argument] = node.heritageClauses?.[0]?.types[0]?.typeArguments ?? [];
    const given = argument && this.#checker.getTypeAtLocation(argument);
    return signature.replaceAll(/\bT\["(\w+)"\]/g, (written, key) => {
      const declared = given?.getProperty(key)?.valueDeclaration;
      return declared && ts.isPropertySignature(declared) ? (declared.type?.getText() ?? written) : written;
    });
  }

  #member(symbol: ts.Symbol, node: ts.Declaration): Member {
    const documented = this.#documented(symbol);
    const type = "type" in node && node.type ? oneLine((node.type as ts.TypeNode).getText()) : undefined;
    const prefix = ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static ? "static " : "";
    const written = type ?? this.#written(this.#checker.getTypeOfSymbol(symbol));
    if (!ts.isFunctionLike(node) || ts.isGetAccessor(node))
      return { ...documented, signature: `${prefix}${documented.name}: ${written}` };
    const parameters = node.parameters.map(parameterText).join(", ");
    return { ...documented, signature: `${prefix}${documented.name}(${parameters}): ${written}` };
  }

  #typeModel(symbol: ts.Symbol, node: ts.TypeAliasDeclaration | ts.InterfaceDeclaration): TypeModel {
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
    const isObject =
      type.getCallSignatures().length === 0 && type.getProperties().length > 0 && !type.isUnion();
    return {
      ...this.#documented(symbol),
      file: path.relative(path.join(root, "client"), node.getSourceFile().fileName),
      type: isObject || !ts.isTypeAliasDeclaration(node) ? undefined : this.#aliasText(node, type),
      fields: isObject ? this.#ownProperties(node, type).map((property) => this.#field(property)) : [],
      parents: ts.isInterfaceDeclaration(node) ? namesOf(node.heritageClauses) : [],
      open: type.getStringIndexType() !== undefined,
    };
  }

  #ownProperties(node: ts.Node, type: ts.Type): ts.Symbol[] {
    if (!ts.isInterfaceDeclaration(node)) return type.getProperties();
    return type.getProperties().filter(({ valueDeclaration }) => valueDeclaration?.parent === node);
  }

  #field(symbol: ts.Symbol): Field {
    const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
    const node = symbol.valueDeclaration;
    const annotated = node && ts.isPropertySignature(node) && node.type;
    const type = annotated
      ? oneLine(annotated.getText())
      : this.#named(this.#written(this.#checker.getTypeOfSymbol(symbol)));
    return {
      ...this.#documented(symbol),
      optional,
      type: optional ? type.replace(/ \| undefined$/, "") : type,
    };
  }

  /** What is written of itself is shown as it is, what schemas make of it as the compiler sees it. */
  #aliasText(node: ts.TypeAliasDeclaration, type: ts.Type): string {
    const text = oneLine(node.type.getText());
    return /\btypeof\b/.test(text) ? this.#written(type) : text;
  }

  #written(type: ts.Type): string {
    if (type.isUnion() && type.types.some(isWord)) return this.#wordsOf(type);
    const { NoTruncation, InTypeAlias } = ts.TypeFormatFlags;
    return this.#checker
      .typeToString(type, undefined, NoTruncation | InTypeAlias)
      .replaceAll("[x: string]: unknown; ", "");
  }

  /** Where words may be written in capitals or small letters, the capitals say it all. */
  #wordsOf(type: ts.UnionType): string {
    const words = type.types.filter(isWord).map(({ value }) => value);
    const others = type.types.filter((one) => !isWord(one) && !(one.flags & ts.TypeFlags.Undefined));
    return [
      ...words
        .filter((word) => word === word.toUpperCase() || !words.includes(word.toUpperCase()))
        .map((word) => `"${word}"`),
      ...others.map((one) => {
        const [item] = this.#checker.isArrayType(one)
          ? this.#checker.getTypeArguments(one as ts.TypeReference)
          : [];
        return item === undefined ? this.#written(one) : `readonly (${this.#written(item)})[]`;
      }),
    ].join(" | ");
  }

  #named(written: string): string {
    const named = this.#names.reduce((text, [long, name]) => text.replaceAll(long, name), written);
    return named.replaceAll(/\((\w+)\)\[\]/g, "$1[]");
  }

  #documented(symbol: ts.Symbol): Documented {
    return {
      name: symbol.getName(),
      text: oneLine(ts.displayPartsToString(symbol.getDocumentationComment(this.#checker))),
      tags: symbol
        .getJsDocTags(this.#checker)
        .map(({ name, text }) => ({ name, text: ts.displayPartsToString(text).trim() })),
    };
  }

  #aliased(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }
}

const namesOf = (clauses: readonly ts.HeritageClause[] = []): string[] =>
  clauses.flatMap(({ types }) => types.map(({ expression }) => expression.getText()));

const isWord = (type: ts.Type): type is ts.StringLiteralType => type.isStringLiteral();

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

const isPublic = (member: ts.ClassElement): boolean =>
  member.name !== undefined && ts.isIdentifier(member.name) && !hidden(member);

const hidden = (member: ts.Declaration): boolean =>
  (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;

/** Methods, getters and own properties with a name that people can type; a property that overrides says nothing new. */
const isShown = (member: ts.ClassElement): boolean =>
  isPublic(member) &&
  (ts.isMethodDeclaration(member) || ts.isGetAccessor(member) || ts.isPropertyDeclaration(member)) &&
  !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Override);

const isOptional = ({ questionToken, initializer }: ts.ParameterDeclaration): boolean =>
  questionToken !== undefined || initializer !== undefined;

function parameterText(parameter: ts.ParameterDeclaration): string {
  const type = oneLine(parameter.type?.getText() ?? "unknown");
  return `${parameter.name.getText()}${isOptional(parameter) ? "?" : ""}: ${type}`;
}
