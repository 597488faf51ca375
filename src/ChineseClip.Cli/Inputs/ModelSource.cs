using ChineseClip.Cli.Running;
using ChineseClip.Demo;

namespace ChineseClip.Cli.Inputs;

/// <summary>Finds the package that <c>--model</c> means.</summary>
internal static class ModelSource
{
    private const string ManifestFile = "manifest.json";

    /// <summary>The directory of the package: a path, or a name in the models directory.</summary>
    /// <exception cref="CommandFailedException">There is no such package; the message says where it was looked for.</exception>
    public static string Find(string model)
    {
        if (IsPackage(model))
        {
            return model;
        }

        string named = Path.Combine(DataDirectories.Models, model);
        bool isName = model.IndexOfAny(['/', '\\']) < 0;
        if (isName && IsPackage(named))
        {
            return named;
        }

        if (model == DemoModel.Name)
        {
            return DemoModel.EnsurePackage(DataDirectories.Models);
        }

        if (File.Exists(Path.Combine(model, "config.json")))
        {
            throw new CommandFailedException(
                $"'{model}' is a checkpoint, not a model package; convert it with: chineseclip model convert {model} --out DIR");
        }

        throw new CommandFailedException(
            isName
                ? $"There is no model '{model}': neither a package in the directory './{model}' nor one named so in {DataDirectories.Models}."
                : $"There is no model package in '{model}': it has no {ManifestFile}.");
    }

    public static bool IsPackage(string directory) => File.Exists(Path.Combine(directory, ManifestFile));
}
